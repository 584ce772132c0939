import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedStore } from '@syncline/adapter-postgres'
import { type Run, syncConfigDefaults } from '@syncline/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CliResult, runCli, spawnCli } from './run-cli.ts'

const config = join(import.meta.dirname, 'fixture/syncline.config.ts')
const person = { tenantId: 'default', type: 'file', name: 'people', config: {}, status: 'active' } as const
let folder: string
let cli: (...args: string[]) => Promise<CliResult>
let upstreamHas: (count: number) => void

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'syncline-cli-'))
  const people = join(folder, 'people.json')
  upstreamHas = (count) =>
    writeFileSync(people, JSON.stringify(Array.from({ length: count }, (_, id) => `${id}`)))
  cli = (...args) =>
    runCli([...args, '--config', config, '--data-dir', join(folder, 'data')], { PEOPLE_FILE: people })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a directory, from the command line', () => {
  test('sync stores it, shows a table on stdout, progress on stderr, and exits with 0', async () => {
    upstreamHas(100)
    const { code, stdout, stderr } = await cli('sync')
    expect(stderr).toContain('people user  100 %  100 of 100 · ')
    expect(stdout).toMatch(/people\s+user\s+success\s+full: 100 added · 1 page\s/)
    expect(code).toBe(0)
  })

  test('a guarded run exits with 3 and prints the command that approves it; approving exits with 0', async () => {
    upstreamHas(50)
    const guarded = await cli('sync', 'people', 'user')
    expect(guarded.code).toBe(3)
    expect(guarded.stdout).toContain('REMOVAL_GUARDED: 50 of 100 live resources were not listed')
    const [, runId = ''] = /syncline runs approve (\S+) --by/.exec(guarded.stdout) ?? []
    const approved = await cli('runs', 'approve', runId, '--by', 'ops')
    expect(approved).toMatchObject({ code: 0, stdout: expect.stringMatching(/success\s+full: 50 staled/) })
    const again = await cli('runs', 'approve', runId, '--by', 'ops')
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('RUN_SUPERSEDED') })
  })

  test('status and resources read it back, as text and as JSON', async () => {
    const status = await cli('status')
    expect(status.stdout).toMatch(/people\s+user\s+success\s+50\s+50\s+0\s/)
    const resources = await cli('resources', 'people', 'user', '--stale', '--search', 'person 99', '--json')
    expect(JSON.parse(resources.stdout)).toMatchObject({ total: 1, data: [{ externalId: '99' }] })
    const page = await cli('resources', 'people', '--page', '2', '--page-size', '30')
    expect(page.stdout).toContain('page 2 of 4, 100 in all')
  })

  test('runs lists them newest first; show prints one', async () => {
    const list = JSON.parse((await cli('runs', '--json')).stdout) as { runId: string; status: string }[]
    expect(list.map(({ status }) => status)).toEqual(['success', 'guarded', 'success'])
    const shown = await cli('runs', 'show', list[1]?.runId ?? '')
    expect(JSON.parse(shown.stdout)).toMatchObject({ approvedBy: 'ops', guard: { unseen: 50 } })
    expect(await cli('runs', 'cancel', 'nobody')).toMatchObject({ code: 2 })
  })

  test('--json prints every event as a line and the runs at the end', async () => {
    const { code, stdout } = await cli('sync', '--json')
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string })
    expect(lines.map(({ kind }) => kind)).toEqual(['run.started', 'run.progress', 'run.finished', 'summary'])
    expect(code).toBe(0)
  })

  test('a reader that has enough ends it without a stack', async () => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const child = spawnCli([
      'resources',
      'people',
      '--page-size',
      '100',
      '--config',
      config,
      '--data-dir',
      join(folder, 'data'),
    ])
    let stderr = ''
    child.stderr.on('data', (text) => {
      stderr += String(text)
    })
    child.stdout.destroy()
    child.on('exit', () => resolve(stderr))
    expect(await promise).not.toContain('EPIPE')
  })

  test('Ctrl-C ends a run as resumable and exits with 4', async () => {
    upstreamHas(100)
    const slow = { PEOPLE_FILE: join(folder, 'people.json'), PEOPLE_HANG: '1' }
    const child = spawnCli(['sync', '--json', '--config', config, '--data-dir', join(folder, 'data')], slow)
    child.stdout.once('data', () => child.kill('SIGINT'))
    const [code] = (await once(child, 'exit')) as [number]
    expect(code).toBe(4)
    const [run] = JSON.parse((await cli('runs', '--json', '--limit', '1')).stdout) as [Run]
    expect(run).toMatchObject({ status: 'cancelled', resumable: true })
  })

  test('runs --watch prints a line for each change until Ctrl-C', async () => {
    const child = spawnCli(['runs', '--watch', '--config', config, '--data-dir', join(folder, 'data')])
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    expect(String(line)).toMatch(/people user {2}success {2}100 of 100 {2}Ended as success/)
    child.kill('SIGINT')
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  test('work runs what has come due and stops with SIGTERM and 0', async () => {
    upstreamHas(100)
    const dataDir = join(folder, 'scheduled')
    const store = await openEmbeddedStore({ dataDir })
    await store.connectors.save({ ...person, connectorId: 'people' })
    const scope = { connectorId: 'people', resourceType: 'user' }
    const settings = { ...syncConfigDefaults, ...scope, enabled: true, cronSchedule: '0 0 1 1 *' }
    await store.configs.save({ config: settings, resetWatermark: false })
    await store.schedules.plan({ scope, planVersion: 0, plan: { tickAt: new Date(0) } })
    await store.close()
    const env = { PEOPLE_FILE: join(folder, 'people.json'), PEOPLE_CRON: '0 0 1 1 *' }
    const child = spawnCli(['work', '--config', config, '--data-dir', dataDir], env)
    let [stdout, stderr] = ['', '']
    child.stderr.on('data', (text) => {
      stderr += String(text)
    })
    for await (const text of child.stdout) {
      stdout += String(text)
      if (stdout.includes('success')) break
    }
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(stdout).toMatch(/people user {2}began \(full\)/)
    expect(stdout).toMatch(/people user {2}success: 100 added, 0 updated, 0 unchanged, 0 staled/)
    expect(stderr).toContain('Stopping')
  })

  test('a failing upstream exits with 1', async () => {
    writeFileSync(join(folder, 'people.json'), 'not JSON')
    const { code, stdout } = await cli('sync')
    expect(stdout).toContain('CONNECTOR_FAILED')
    expect(code).toBe(1)
  })
})

describe('a mistake of the user', () => {
  test.each([
    ['an unknown command', ['snyc'], 'unknown command'],
    ['an unknown flag', ['sync', '--fast'], 'unknown option'],
    ['a bad mode', ['sync', '--mode', 'quick'], 'Allowed choices are full, incremental'],
    ['a missing configuration', ['sync', '--config', 'nowhere.ts'], 'There is no nowhere.ts here'],
    ['a page of 0', ['resources', 'people', '--page', '0'], 'positive whole number'],
    ['a folder without snapshots', ['demo', '--data', 'nowhere'], 'no snapshots'],
  ])('(%s) exits with 2 and one clear message without a stack', async (_, args, message) => {
    const { code, stderr } = await runCli(args)
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(code).toBe(2)
  })

  test('a connector that is not there is named, not shown as empty', async () => {
    expect(await cli('resources', 'peopel')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no connector "peopel". Stored: people'),
    })
  })

  test('a scope that is not configured is named', async () => {
    upstreamHas(1)
    expect(await cli('sync', 'people', 'planet')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no sync of "people planet"'),
    })
  })
})

test('--help explains commands, exit codes and gives examples', async () => {
  const { code, stdout } = await runCli(['--help'])
  for (const word of ['sync', 'work', 'status', 'resources', 'runs', 'demo', 'Exit codes:', 'Examples:']) {
    expect(stdout).toContain(word)
  }
  expect(code).toBe(0)
})
