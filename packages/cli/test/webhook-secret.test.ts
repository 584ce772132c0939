import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { createProgram } from '../src/program.ts'

const config = join(import.meta.dirname, 'fixture/people.config.ts')

/** Runs one command within this process, and answers what it prints. */
async function cli(...args: string[]): Promise<string> {
  const lines: string[] = []
  const program = createProgram({
    terminal: {
      print: (line) => void lines.push(line),
      remark: () => undefined,
      live: () => undefined,
      settle: () => undefined,
      isWatched: false,
      style: (_, text) => text,
    },
    interruptible: () => new AbortController().signal,
    exit: () => undefined,
  })
  await program.parseAsync([...args, '--config', config], { from: 'user' })
  return lines.join('\n')
}

describe('syncline webhook-secret', () => {
  beforeAll(() => cli('sync'))

  test('prints a new secret each time, also as JSON', async () => {
    const first = await cli('webhook-secret', 'people')
    expect(first).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const second = JSON.parse(await cli('webhook-secret', 'people', '--keep-previous', '24h', '--json'))
    expect(second.secret).toMatch(/^whsec_/)
    expect(second.secret).not.toBe(first)
  })

  test('--remove takes it away', async () => {
    await cli('webhook-secret', 'people')
    expect(await cli('webhook-secret', 'people', '--remove')).toBe('removed')
    expect(await cli('webhook-secret', 'people', '--remove', '--json')).toBe('{"removed":false}')
  })

  test('refuses a connector that is not there, and a time that is none', async () => {
    await expect(cli('webhook-secret', 'nobody')).rejects.toMatchObject({ code: 'CONNECTOR_NOT_FOUND' })
    await expect(cli('webhook-secret', 'people', '--keep-previous', 'long')).rejects.toMatchObject({
      code: 'RETENTION_INVALID',
    })
  })
})
