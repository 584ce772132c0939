import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSyncline } from '@syncline/core'
import { memoryQueue } from '@syncline/core/memory'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../test-support/server-database.ts'
import { cliInProcess } from './cli-in-process.ts'
import { reset, state } from './fixture/settings.config.ts'
import { runCli, spawnCli } from './run-cli.ts'

const config = join(import.meta.dirname, 'fixture/settings.config.ts')
const cli = (...args: string[]) => cliInProcess([...args, '--config', config])

const longId = 'a-connector-with-a-name-of-sixty-four-letters-as-long-as-they-get'.slice(0, 64)

beforeEach(async () => {
  reset()
  state.config.connectors = [{ connectorId: 'acme', type: 'acme', tenantId: 'north', sync: { user: {} } }]
  await cli('sync')
})

describe('connectors, pause and resume', () => {
  test('connectors lists tenant, type and status; --tenant lists one tenant', async () => {
    expect((await cli('connectors')).stdout).toMatch(/acme\s+north\s+acme\s+acme\s+active\s+–/)
    expect((await cli('connectors', '--tenant', 'south')).stdout).toContain('No connector is stored')
  })

  test('a paused connector is refused by sync until it is resumed', async () => {
    expect((await cli('pause', 'acme')).stdout).toBe('acme is paused; resume it with: syncline resume acme')
    expect((await cli('sync')).stderr).toContain('CONNECTOR_PAUSED')
    expect((await cli('resume', 'acme')).stdout).toBe('acme is active')
    expect((await cli('sync')).code).toBe(0)
  })

  test.each(['pause', 'resume', 'quarantine', 'sync', 'resources', 'check'])(
    '%s of an unknown connector names the stored ones',
    async (command) => {
      await expect(cli(command, 'acmee')).rejects.toMatchObject({
        code: 'CONNECTOR_NOT_FOUND',
        message: 'There is no connector "acmee". Stored: acme',
      })
    },
  )
})

test('quarantine lists what could not be kept, and why', async () => {
  const { stdout } = await cli('quarantine', 'acme')
  expect(stdout).toMatch(/user\s+–\s+INVALID_SHAPE/)
  expect(stdout).toContain('page 1 of 1, 1 record in all')
})

describe('jobs', () => {
  test('need a shared queue, and say which setting gives one', async () => {
    await expect(cli('jobs')).rejects.toMatchObject({ message: expect.stringContaining('Set "queue"') })
  })

  test('counts what waits and lists what failed permanently', async () => {
    const queue = memoryQueue()
    state.config.queue = async () => ({ ...queue, close: async () => undefined })
    expect((await cli('jobs')).stdout).toBe('0 waiting · 0 delayed · 0 running · 0 dead')
    await expect(cli('jobs', 'redrive', 'none')).rejects.toMatchObject({
      message: 'There is no dead letter "none". See: syncline jobs',
    })
    await queue.close()
  })
})

describe('credentials', () => {
  const set = (input: string) => {
    const child = spawnCli(['credentials', 'set', 'acme', '--config', config])
    child.stdin.end(input)
    return new Promise<{ code: number; text: string }>((resolve) => {
      let text = ''
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk) => {
          text += String(chunk)
        })
      child.on('close', (code) => resolve({ code: code ?? -1, text }))
    })
  }

  test('set reads values from standard input and never prints them', async () => {
    expect(await set('{"token":"hush-hush"}')).toEqual({ code: 0, text: 'acme is saved: token\n' })
    const broken = await set('{"token":"hush-hush"')
    expect(broken.code).not.toBe(0)
    expect(broken.text).toContain('Standard input must be one JSON object')
    expect(broken.text).not.toContain('hush')
  })

  test('are listed by name per tenant, and removed', async () => {
    const { credentials } = createSyncline({ connectorTypes: [], credentials: state.credentials })
    await credentials.save({ tenantId: 'north', ref: 'r1', values: { token: 'tttttttt' } })
    expect((await cli('credentials')).stdout).toMatch(/r1\s+north\s+active\s+token\s+–/)
    expect((await cli('credentials', '--tenant', 'south')).stdout).toBe('No credential is stored.')
    expect((await cli('credentials', 'remove', 'r1')).stdout).toBe('There is no credential "r1"')
    expect((await cli('credentials', 'remove', 'r1', '--tenant', 'north')).stdout).toBe('r1 is removed')
  })
})

test('check tests stored connectors and those of the file, and stores nothing', async () => {
  state.config.connectors = [{ connectorId: 'beta', type: 'acme', sync: {} }]
  const { code, stdout } = await cli('check')
  expect(stdout).toMatch(/acme\s+ok/)
  expect(stdout).toMatch(/beta\s+ok/)
  expect(stdout).toContain('sync would change: beta  added')
  expect(code).toBe(0)
  expect((await cli('connectors')).stdout).not.toContain('beta')
  state.config.connectors = [{ connectorId: 'beta', type: 'gone', sync: {} }]
  const failed = await cli('check', 'beta')
  expect(failed).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/beta\s+failed\s+CONNECTOR_TYPE_UNKNOWN/),
  })
})

test('every table fits 80 columns, however long the names are', async () => {
  state.config.connectors = [
    { connectorId: longId, type: 'acme', tenantId: 'T'.repeat(200), sync: { user: {} } },
  ]
  const outputs = [
    await cli('sync'),
    await cli('status'),
    await cli('runs'),
    await cli('resources', longId),
    await cli('quarantine', longId),
    await cli('connectors'),
  ]
  for (const { stdout } of outputs) {
    const tables = stdout.split('\n').filter((line) => !line.includes('syncline '))
    expect(Math.max(...tables.map((line) => line.length))).toBeLessThanOrEqual(80)
  }
})

describe('init', () => {
  // Within the package, so that the packages the file imports are found.
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(import.meta.dirname, '.init-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('writes a configuration file that syncs as it is, and never replaces one', async () => {
    expect(await runCli(['init'], {}, folder)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('syncline sync'),
    })
    expect(await runCli(['sync'], {}, folder)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('full: 2 added'),
    })
    writeFileSync(join(folder, 'syncline.config.ts'), 'mine')
    expect(await runCli(['init'], {}, folder)).toMatchObject({ code: 2 })
    expect(readFileSync(join(folder, 'syncline.config.ts'), 'utf8')).toBe('mine')
  })
})

test('--version prints the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'))
  expect(await runCli(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` })
})

test('--debug shows the stack of an error and of its causes', async () => {
  writeFileSync(join(import.meta.dirname, '.broken.config.ts'), 'throw new TypeError("the cause")')
  try {
    const args = ['status', '--config', join(import.meta.dirname, '.broken.config.ts')]
    const plain = await runCli(args)
    expect(plain.stderr).not.toContain('    at ')
    const { stderr } = await runCli([...args, '--debug'])
    expect(stderr).toMatch(/caused by TypeError: the cause\n\s+at /)
  } finally {
    rmSync(join(import.meta.dirname, '.broken.config.ts'))
  }
})

describe.skipIf(!serverIsAvailable())('a PostgreSQL database', () => {
  let database: Database
  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: false })
  })
  afterAll(() => database.drop())

  test('is changed by migrate alone: other commands refuse it with the sentence to type', async () => {
    const onServer = (...args: string[]) => cli(...args, '--database-url', database.url)
    for (const command of ['sync', 'work', 'status', 'connectors']) {
      await expect(onServer(command)).rejects.toMatchObject({
        code: 'SCHEMA_OUTDATED',
        message: 'The database has no tables of Syncline yet. Run: syncline migrate',
      })
    }
    expect((await onServer('migrate', '--dry-run')).stdout).toMatch(
      /^\d+ steps to run, from version 0 to \d+:\n {2}\w/,
    )
    await expect(onServer('status')).rejects.toMatchObject({ code: 'SCHEMA_OUTDATED' })
    expect((await onServer('migrate')).stdout).toMatch(/^Migrated from version 0 to \d+:/)
    expect((await onServer('migrate')).stdout).toMatch(/^The schema is up to date: version \d+$/)
    expect((await onServer('sync')).code).toBe(0)
  })

  test('can be migrated without a configuration file', async () => {
    const { code, stdout } = await runCli(
      ['migrate', '--database-url', database.url],
      {},
      import.meta.dirname,
    )
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('up to date') })
  })

  test('an embedded database is not migrated by command', async () => {
    await expect(cli('migrate')).rejects.toMatchObject({ code: 'OPTIONS_INVALID' })
  })
})
