import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { cliInProcess } from './cli-in-process.ts'

const config = join(import.meta.dirname, 'fixture/people.config.ts')

const run = (...args: string[]) => cliInProcess([...args, '--config', config])
const cli = async (...args: string[]) => (await run(...args)).stdout

describe('syncline webhook-secret', () => {
  beforeAll(() => cli('sync'))

  test('prints a new secret each time, also as JSON', async () => {
    const first = await cli('webhook-secret', 'people')
    expect(first).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const second = JSON.parse(await cli('webhook-secret', 'people', '--keep-previous', '24h', '--json'))
    expect(second.secret).toMatch(/^whsec_/)
    expect(second.secret).not.toBe(first)
  })

  test('keeps the previous secret for a day and reports it, unless --replace is given', async () => {
    expect((await run('webhook-secret', 'people')).stderr).toBe(
      'The previous secret is accepted for another 24h.',
    )
    expect((await run('webhook-secret', 'people', '--replace')).stderr).toBe(
      'The previous secret is refused from now on.',
    )
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
