import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PostSyncStats } from '@syncline/core'
import pLimit from 'p-limit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, emptyServerDatabase } from '../../test-support/server-database.ts'
import { type HostName, hostKinds } from './host-kinds.ts'
import { type Outcome, readOutcome } from './outcome.ts'
import { openPeople } from './people-process.ts'
import { expectedOfAll, expectedStats, setScene } from './scene.ts'
import { staff } from './staff.ts'

/** What a post-sync of the scene is sure to come by: each step, and each commit of it. */
const steps = [
  'people.begin',
  'people.openActions',
  'users.findByKeys',
  'people.commit of matches+actions',
  'users.create',
  'people.commit of matches+settled',
  'people.lastActions',
  'people.commit of actions',
  'users.changeStatus',
  'people.commit of settled',
  'people.deactivations',
  'profiles.write',
  'people.finish',
  'people.claimJobs',
  'workflows.trigger',
  'people.deliveredJobs',
]
/** With jobs for each record; and a slice in which nobody is to be made. */
const perRecordSteps = ['people.commit of matches', 'changes.read', 'people.commit of jobs+position']

interface Said {
  readonly status: string
  readonly stats: PostSyncStats
  readonly error?: unknown
  readonly points: readonly string[]
}

interface Death {
  readonly signal: NodeJS.Signals | null
  /** Where it says it killed itself. */
  readonly at: string
  readonly said: Said | undefined
}

/** What one process compiled, the next ones read: most of their time would be this. */
const compiled = mkdtempSync(join(tmpdir(), 'syncline-compiled-'))

const start = (file: string, ...args: readonly string[]): ChildProcess =>
  fork(join(import.meta.dirname, file), args, {
    execArgv: ['--conditions=@syncline/source'],
    env: { ...process.env, NODE_COMPILE_CACHE: compiled },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })

/** Runs a post-sync in a process of its own, which dies at the cut. */
async function runAndDie(url: string, host: HostName, cut = ''): Promise<Death> {
  const child = start('dying.child.ts', url, host, cut)
  let said: Said | undefined
  let at = ''
  child.on('message', (message) => {
    said = message as Said
  })
  child.stdout?.on('data', (bytes) => {
    at += String(bytes)
  })
  // Not `exit`: by then not all it wrote has come.
  const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { signal, at, said }
}

/** Lets another process go on until nothing is left to do. */
async function resume(database: Database, host: HostName): Promise<void> {
  // The lease and the claims of a dead process end by themselves; the test does not wait for them.
  await database.query(`update syncline.post_sync_run set lease_expires_at = clock_timestamp() - interval '1 s'
    where status = 'running'`)
  await database.query(`update syncline.workflow_job set claimed_until = clock_timestamp() - interval '1 s'
    where delivered_at is null`)
  const child = start('resuming.child.ts', database.url, host)
  const gone = once(child, 'close')
  try {
    await expect.poll(() => whatIsLeft(database), { timeout: 60_000, interval: 25 }).toEqual([])
    child.send('stop')
    expect((await gone)[0], 'the process that goes on ends by itself').toBe(0)
  } finally {
    child.kill('SIGKILL')
    await gone
  }
}

async function whatIsLeft(database: Database): Promise<readonly unknown[]> {
  const { rows } = await database.query(
    `select 'changes to process' as what
      from syncline.post_sync_scope p join syncline.sync_scope s using (connector_id, resource_type)
      where connector_id = $1 and p.processed_to < s.change_position
    union all select 'a run' from syncline.post_sync_run where status = 'running'
    union all select 'a job' from syncline.workflow_job where delivered_at is null`,
    [staff.connectorId],
  )
  return rows
}

/** What is there now; and a post-sync more, which must find nothing to do. */
async function settle(database: Database, host: HostName): Promise<Outcome> {
  const { syncline, close } = openPeople(database.url, { host })
  try {
    const outcome = await readOutcome(database, hostKinds[host], syncline)
    const { status, stats } = await syncline.postSync.run(staff)
    expect({ status, ...stats }, 'a post-sync more finds nothing to do').toMatchObject({
      status: 'success',
      changed: 0,
      created: 0,
      deactivated: 0,
      reactivated: 0,
      profilesUpdated: 0,
    })
    return outcome
  } finally {
    await close()
  }
}

/**
 * Declares the trials over a host's tables: a process is killed at each point that `pick` picks, another one goes on,
 * and everything is compared with what an undisturbed post-sync comes to.
 */
export function killAtPoints(host: HostName, pick: (points: readonly string[]) => readonly string[]): void {
  let base: Database
  let whole: Death
  let expected: Outcome

  beforeAll(async () => {
    base = await emptyServerDatabase({ migrated: true })
    await setScene(base.url, host)
    const database = await base.copy()
    whole = await runAndDie(database.url, host)
    expected = await settle(database, host)
    await database.drop()
  }, 300_000)
  afterAll(async () => {
    await base?.drop()
    rmSync(compiled, { recursive: true, force: true })
  })

  test('an undisturbed post-sync is the yardstick: it does all there is to do, and everything once', () => {
    expect(whole.said).toMatchObject({
      status: 'success',
      stats: { ...expectedOfAll, ...expectedStats[host] },
    })
    expect(expected.wrong).toEqual([])
    expect(expected.lost).toEqual([])
    expect(expected.open).toBe(0)
    expect(new Set(expected.written).size, 'nothing is written twice').toBe(expected.written.length)
    expect(expected.jobs).toHaveLength(expectedStats[host].jobs ?? 0)
    const all = host === 'host' ? [...steps, ...perRecordSteps] : steps
    const came = new Set(whole.said?.points.map((point) => point.replace(/:\d+$/, '')))
    const missing = all.flatMap((step) =>
      [`before ${step}`, `after ${step}`].filter((point) => !came.has(point)),
    )
    expect(missing, 'steps without a point').toEqual([])
  })

  test('killed there and resumed by another process: the same, each write once, each job under one key', async () => {
    const picked = pick(whole.said?.points ?? [])
    expect(picked.length, 'there is something to cut').toBeGreaterThan(2)
    const slots = pLimit(3)
    const failures: string[] = []
    const tryOne = async (cut: string): Promise<void> => {
      const database = await base.copy()
      try {
        const death = await runAndDie(database.url, host, cut)
        expect(death, 'the cut fired').toEqual({ signal: 'SIGKILL', at: cut, said: undefined })
        await resume(database, host)
        expect(await settle(database, host)).toEqual(expected)
      } catch (error) {
        failures.push(`${cut}: ${String(error)}`)
      } finally {
        await database.drop()
      }
    }
    await Promise.all(picked.map((cut) => slots(() => tryOne(cut))))
    console.log(
      `${host}: ${picked.length} of ${whole.said?.points.length} points, ${failures.length} failures`,
    )
    expect(failures).toEqual([])
  }, 3_600_000)
}
