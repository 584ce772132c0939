import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exitCodeOfError } from '../src/exit-code.ts'
import { cliInProcess } from './cli-in-process.ts'

const config = join(import.meta.dirname, 'fixture/people.config.ts')
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'syncline-people-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const cli = (...args: string[]) => cliInProcess([...args, '--config', config], 200)

describe('people, from the command line', () => {
  test('sync matches, matches shows who is who, match runs it again', async () => {
    const synced = await cli('sync')
    expect(synced).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/people\s+user\s+success\s+2 matched, 1 unmatched/),
    })
    const all = await cli('matches', 'people')
    expect(all.stdout).toMatch(/1\s+Person 1\s+matched\s+user-1\n\s+p1@acme.example\s+exact by external_id\s/)
    expect(all.stdout).toMatch(/9\s+Person 9\s+unmatched\s+–\n\s+p9@acme.example\s+–\s/)
    expect(all.stdout).toContain('page 1 of 1, 3 in all')
    const again = await cli('match', 'people')
    expect(again).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/people\s+user\s+success\s+2 matched, 1 unmatched/),
    })
  })

  const matchIdOf = async (name: string): Promise<string> => {
    const found = JSON.parse((await cli('matches', 'people', '--search', name, '--json')).stdout)
    return found.data[0].matchId
  }

  test('resolve links, makes a user, skips and gives back', async () => {
    const first = await matchIdOf('Person 1')
    const decide = async (...what: string[]) =>
      (await cli('resolve', 'people', ...what, '--by', 'ops')).stdout
    expect(await decide(first, '--link', 'user-3', '--notes', 'HR said so')).toMatch(
      /manual_override\s+user-3\n.*by ops/,
    )
    expect(await decide(first, '--unlink')).toContain('unmatched')
    expect(await decide(await matchIdOf('Person 9'), '--create')).toContain('matched')
    expect(await decide(await matchIdOf('Person 2'), '--skip')).toContain('skipped')
  })

  test('plan shows what is left to do and writes nothing; apply does exactly that', async () => {
    const file = join(folder, 'plan.json')
    const plan = await cli('plan', 'people', '--out', file)
    expect(plan.stdout).toBe('1 match')
    expect((await cli('plan', 'people')).stdout).toMatch(
      /match\s+1\s+p1@acme.example\s+unmatched → matched exact by external_id\s+user-1/,
    )
    expect((await cli('matches', 'people', '--status', 'unmatched')).stdout).toContain('1 in all')
    expect(await cli('apply', file)).toMatchObject({ code: 0, stdout: expect.stringContaining('success') })
    expect((await cli('matches', 'people', '--status', 'unmatched')).stdout).toContain('0 in all')
    writeFileSync(file, readFileSync(file, 'utf8').replace('user-1', 'user-2'))
    await expect(cli('apply', file)).rejects.toMatchObject({ code: 'PLAN_INVALID' })
  })

  test('what is wrong is said, and ends with exit code 2', async () => {
    for (const [args, message] of [
      [['resolve', 'people', 'nobody', '--skip', '--by', 'ops'], /no match nobody/],
      [['resolve', 'people', 'nobody', '--by', 'ops'], /Say what to do/],
      [['apply', join(folder, 'nothing.json')], /cannot be read as a plan/],
    ] as const) {
      const error: unknown = await cli(...args).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ message: expect.stringMatching(message) })
      expect(exitCodeOfError(error)).toBe(2)
    }
  })
})
