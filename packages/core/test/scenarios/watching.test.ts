import { setImmediate as turn } from 'node:timers/promises'
import type { Run } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import { people, setStage, users } from './stage.ts'

const second = 1_000
const manual = { manualClock: true }

async function settle(): Promise<void> {
  for (let turns = 0; turns < 60; turns++) await turn()
}

/** Reads on by itself and keeps what came. */
function follow(runs: AsyncIterable<Run>): { readonly seen: Run[]; readonly ended: Promise<void> } {
  const seen: Run[] = []
  const read = async (): Promise<void> => {
    for await (const run of runs) seen.push(run)
  }
  return { seen, ended: read() }
}

const shown = ({ status, stats }: Run): string => `${status} ${stats.totalUpstreamRecords}`

describe('runs.watch', () => {
  test('answers a run as it stands, again whenever it has changed, and ends with the run', async () => {
    const slow = [
      { resources: people(2), delayMs: 2 * second },
      { resources: people(3, 2), delayMs: 2 * second },
    ]
    const stage = await setStage(slow, manual)
    const { runId } = await stage.syncline.trigger(users)
    const { seen, ended } = follow(stage.another().runs.watch(runId))
    await settle()
    await stage.syncline.start()
    for (let seconds = 0; seconds < 12; seconds += 1) {
      await stage.clock.advance(second / 2)
      await settle()
    }
    await ended
    expect(seen.map(shown)).toEqual(['queued 0', 'running 0', 'running 2', 'success 5'])
    await stage.syncline.stop()
  })

  test('a run that ends within a moment is answered within one', async () => {
    const stage = await setStage([people(1)], manual)
    await stage.syncline.start()
    const before = stage.clock.now().getTime()
    const answered = stage.syncline.trigger({ ...users, wait: true })
    let run: Run | undefined
    void answered.then((answer) => (run = answer))
    for (let moments = 0; moments < 10; moments += 1) {
      await settle()
      if (!run) await stage.clock.advance(20)
    }
    expect(run?.status).toBe('success')
    expect(stage.clock.now().getTime() - before).toBeLessThanOrEqual(100)
    await stage.syncline.stop()
  })

  test('a renewed lease is no change', async () => {
    const stage = await setStage([{ resources: people(1), delayMs: 60 * second }], manual)
    const { runId } = await stage.syncline.trigger(users)
    await stage.syncline.start()
    await settle()
    const { seen, ended } = follow(stage.syncline.runs.watch(runId))
    for (let seconds = 0; seconds < 61; seconds += 1) {
      await stage.clock.advance(second)
      await settle()
    }
    await ended
    expect(seen.map(shown)).toEqual(['running 0', 'success 1'])
    await stage.syncline.stop()
  })

  test('reminds of a run that has not changed for so long', async () => {
    const stage = await setStage([people(1)], manual)
    const { runId } = await stage.syncline.trigger(users)
    const abort = new AbortController()
    const options = { remindMs: 5 * second, signal: abort.signal }
    const { seen, ended } = follow(stage.syncline.runs.watch(runId, options))
    for (let seconds = 0; seconds < 11; seconds += 1) {
      await stage.clock.advance(second)
      await settle()
    }
    expect(seen.map(shown)).toEqual(['queued 0', 'queued 0', 'queued 0'])
    abort.abort(new Error('enough'))
    await expect(ended).rejects.toThrow('enough')
  })

  test('a run that has ended is answered once', async () => {
    const stage = await setStage([people(3)])
    const run = await stage.syncline.sync(users)
    const { seen, ended } = follow(stage.syncline.runs.watch(run.runId))
    await ended
    expect(seen).toEqual([run])
  })

  test('the signal ends the watching, not the run, and leaves no timer', async () => {
    const stage = await setStage([people(3)], manual)
    const { runId } = await stage.syncline.trigger(users)
    const abort = new AbortController()
    const watching = follow(stage.syncline.runs.watch(runId, { signal: abort.signal }))
    await settle()
    expect(stage.clock.sleepers).toBe(1)
    abort.abort(new Error('enough'))
    await expect(watching.ended).rejects.toThrow('enough')
    expect(stage.clock.sleepers).toBe(0)
    expect((await stage.syncline.runs.get(runId))?.status).toBe('queued')
  })

  test('of a run that is not there, or another connector’s, fails with RUN_NOT_FOUND', async () => {
    const stage = await setStage([people(3)])
    const { runId } = await stage.syncline.sync(users)
    const missing = { code: 'RUN_NOT_FOUND' }
    await expect(follow(stage.syncline.runs.watch('nobody')).ended).rejects.toMatchObject(missing)
    const foreign = stage.syncline.runs.watch(runId, { connectorId: 'other' })
    await expect(follow(foreign).ended).rejects.toMatchObject(missing)
    await expect(stage.syncline.runs.wait(runId, { connectorId: 'other' })).rejects.toMatchObject(missing)
  })
})

describe('runs of one connector', () => {
  test('are not found, cancelled or approved for another', async () => {
    const stage = await setStage([people(100)])
    await stage.syncline.sync(users)
    stage.connector.script('user', [[]])
    const { runId } = await stage.syncline.sync({ ...users, mode: 'full' })
    const foreign = { connectorId: 'other' }
    const approval = { ...foreign, runId, approvedBy: 'ops' }
    expect(await stage.syncline.runs.get(runId, foreign)).toBeUndefined()
    expect(await stage.syncline.runs.cancel(runId, foreign)).toBe(false)
    const missing = { code: 'RUN_NOT_FOUND' }
    await expect(stage.syncline.runs.approve(approval)).rejects.toMatchObject(missing)
    await expect(stage.syncline.runs.queueApproval(approval)).rejects.toMatchObject(missing)
    expect(await stage.syncline.runs.paged({ ...foreign })).toMatchObject({ data: [], total: 0 })
    expect(await stage.syncline.runs.approve({ ...approval, ...users })).toMatchObject({
      status: 'success',
      stats: { staled: 100 },
    })
  })
})

describe('runs.queueApproval', () => {
  async function guarded() {
    const stage = await setStage([people(100)], manual)
    await stage.syncline.sync(users)
    stage.connector.script('user', [people(50)])
    const run = await stage.syncline.sync({ ...users, mode: 'full' })
    expect(run.status).toBe('guarded')
    return { ...stage, run }
  }

  test('answers a queued run at once; a started process carries out that run’s removals, once', async () => {
    const { syncline, run } = await guarded()
    const queued = await syncline.runs.queueApproval({ runId: run.runId, approvedBy: 'ops' })
    expect(queued).toMatchObject({
      status: 'queued',
      mode: 'full',
      requested: { approves: { runId: run.runId, by: 'ops' } },
    })
    await expect(syncline.runs.queueApproval({ runId: run.runId, approvedBy: 'ops' })).rejects.toMatchObject({
      code: 'SYNC_ALREADY_RUNNING',
      details: { runId: queued.runId },
    })
    await syncline.start()
    await settle()
    expect(await syncline.runs.get(queued.runId)).toMatchObject({
      status: 'success',
      approves: run.runId,
      stats: { staled: 50 },
    })
    expect(await syncline.runs.get(run.runId)).toMatchObject({ approvedBy: 'ops' })
    await syncline.stop()
  })

  test('wanted again under its id, is the same run, also when it has ended; otherwise it is superseded', async () => {
    const { syncline, run } = await guarded()
    const approval = { runId: run.runId, approvedBy: 'ops', approvalId: 'approval-1' }
    const queued = await syncline.runs.queueApproval(approval)
    expect(queued.runId).toBe('approval-1')
    expect(await syncline.runs.queueApproval(approval)).toEqual(queued)
    await syncline.start()
    await settle()
    expect(await syncline.runs.queueApproval(approval)).toMatchObject({
      runId: 'approval-1',
      status: 'success',
    })
    const again = { runId: run.runId, approvedBy: 'ops' }
    await expect(syncline.runs.queueApproval(again)).rejects.toMatchObject({ code: 'RUN_SUPERSEDED' })
    await syncline.stop()
  })

  test('one that is cancelled never begins', async () => {
    const { syncline, run } = await guarded()
    const queued = await syncline.runs.queueApproval({ runId: run.runId, approvedBy: 'ops' })
    expect(await syncline.runs.cancel(queued.runId)).toBe(true)
    await syncline.start()
    await settle()
    expect(await syncline.runs.get(queued.runId)).toMatchObject({ status: 'cancelled' })
    expect((await syncline.resources.list({ ...users, stale: true })).total).toBe(0)
    await syncline.stop()
  })

  test('one that is superseded when it would begin ends as error, saying so', async () => {
    const { syncline, connector, run } = await guarded()
    const queued = await syncline.runs.queueApproval({ runId: run.runId, approvedBy: 'ops' })
    connector.script('user', [people(100)])
    await syncline.sync({ ...users, mode: 'full' })
    await syncline.start()
    await settle()
    expect(await syncline.runs.get(queued.runId)).toMatchObject({
      status: 'error',
      error: { code: 'RUN_SUPERSEDED' },
    })
    await syncline.stop()
  })

  test('only a guarded run can be approved', async () => {
    const stage = await setStage([people(1)])
    const { runId } = await stage.syncline.sync(users)
    await expect(stage.syncline.runs.queueApproval({ runId, approvedBy: 'ops' })).rejects.toMatchObject({
      code: 'RUN_NOT_GUARDED',
    })
  })
})

describe('lists that go on from a key', () => {
  test('resources and quarantine, of one connector', async () => {
    const stage = await setStage([[...people(3), { ...people(1)[0], externalId: '' }] as never])
    await stage.syncline.sync(users)
    const first = await stage.syncline.resources.slice({ ...users, limit: 2 })
    expect(first.map(({ externalId }) => externalId)).toEqual(['u0', 'u1'])
    const after = { resourceType: 'user', externalId: 'u1' }
    const rest = await stage.syncline.resources.slice({ ...users, limit: 2, after })
    expect(rest.map(({ externalId }) => externalId)).toEqual(['u2'])
    const [entry] = await stage.syncline.quarantine.slice({ connectorId: 'acme', limit: 2 })
    expect(entry).toMatchObject({ ...users, reason: 'INVALID_SHAPE' })
    const older = { connectorId: 'acme', limit: 2, before: entry?.entryId }
    expect(await stage.syncline.quarantine.slice(older)).toEqual([])
    expect(await stage.syncline.quarantine.list({ connectorId: 'acme' })).toMatchObject({ total: 1 })
  })
})
