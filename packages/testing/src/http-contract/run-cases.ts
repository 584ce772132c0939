import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { fieldsOf, itemsOf, requireInstant, textOf } from './call-api.ts'
import { contractCases } from './cases.ts'
import { holdRun } from './held-run.ts'
import { followCursors } from './resource-cases.ts'
import { type ContractStage, own, record } from './stage.ts'
import type { HttpContractSuite } from './suite.ts'

const hundred = Array.from({ length: 100 }, (_, index) => record(String(index)))

/** A run that ended guarded: upstream lists half of what it did. */
async function guardedRun(stage: ContractStage): Promise<string> {
  await stage.sync('user', hundred)
  return stage.sync('user', hundred.slice(50))
}

const staleOnes = async (stage: ContractStage): Promise<number> =>
  Number((await stage.get('/resources?type=user&stale=true')).body.total)

export function testRuns(suite: HttpContractSuite): void {
  contractCases(suite, 'GET runs', (test) => {
    test('answers a run field by field, and the same one by its id', async (stage) => {
      const id = await stage.sync('user', hundred)
      const answer = await stage.get('/runs', { as: 'reader' })
      equal(answer.status, 200)
      const [run] = itemsOf(answer)
      const { startedAt, finishedAt, stats, timings, ...shown } = run ?? {}
      for (const instant of [startedAt, finishedAt]) requireInstant(instant)
      deepEqual(shown, {
        id,
        connectorId: own,
        resourceType: 'user',
        mode: 'full',
        status: 'success',
        queuedAt: null,
        progress: { current: 100, total: 100, message: 'Ended as success' },
        error: null,
        guard: { live: 100, unseen: 0, limit: 20, tripped: false, reason: null },
        resumable: false,
        complete: true,
        resumedFrom: null,
        approves: null,
        approvedBy: null,
        approvedAt: null,
        cancelRequested: false,
      })
      deepEqual(
        { ...(stats as object), durationMs: 0 },
        {
          added: 100,
          updated: 0,
          unchanged: 0,
          restored: 0,
          staled: 0,
          removed: 0,
          excluded: 0,
          quarantined: 0,
          durationMs: 0,
          pagesProcessed: 1,
          totalUpstreamRecords: 100,
        },
      )
      deepEqual(Object.keys(timings as object).toSorted(), [
        'fetchMs',
        'postSyncMs',
        'staleMs',
        'transformMs',
        'writeMs',
      ])
      const one = await stage.get(`/runs/${id}`, { as: 'reader' })
      deepEqual([one.status, one.body], [200, run])
    })

    test('is newest first, by type and status, in pages and by cursor', async (stage) => {
      const ids = [await stage.sync('user', hundred), await stage.sync('group', [record('g')])]
      ids.push(await stage.sync('user', hundred.slice(50)), await stage.sync('device', []))
      const newest = ids.toReversed()
      const all = await stage.get('/runs')
      deepEqual(fieldsOf(all, 'id'), newest)
      equal(all.body.total, 4)
      deepEqual(fieldsOf(await stage.get('/runs?type=user'), 'id'), [ids[2], ids[0]])
      deepEqual(fieldsOf(await stage.get('/runs?status=guarded'), 'id'), [ids[2]])
      const second = await stage.get('/runs?pageSize=3&page=2')
      deepEqual([fieldsOf(second, 'id'), second.body.totalPages], [[ids[0]], 2])
      deepEqual(await followCursors(stage, '/runs?pageSize=1'), itemsOf(all))
      deepEqual(
        await followCursors(stage, '/runs?type=user&pageSize=1'),
        itemsOf(await stage.get('/runs?type=user')),
      )
    })
  })

  contractCases(suite, 'POST approve', (test) => {
    test('carries out the removals of a guarded run, once, in the name of the principal', async (stage) => {
      const id = await guardedRun(stage)
      await stage.syncline.start()
      equal((await stage.get(`/runs/${id}`)).body.status, 'guarded')
      equal(await staleOnes(stage), 0)
      const answer = await stage.post(`/runs/${id}/approve`)
      equal(answer.status, 200, answer.text)
      const { status, approves } = answer.body
      deepEqual({ status, approves }, { status: 'success', approves: id })
      equal(await staleOnes(stage), 50)
      const { approvedBy, approvedAt } = (await stage.get(`/runs/${id}`)).body
      equal(approvedBy, 'id of manager')
      ok(typeof approvedAt === 'string')
      const again = await stage.post(`/runs/${id}/approve`)
      deepEqual([again.status, again.body.code], [409, 'RUN_SUPERSEDED'])
    })

    test('with respond-async answers 202 and where the run is, which a started process carries out', async (stage) => {
      const id = await guardedRun(stage)
      const answer = await stage.post(`/runs/${id}/approve`, { headers: { prefer: 'respond-async' } })
      equal(answer.status, 202, answer.text)
      const queued = textOf(answer.body.id)
      equal(answer.headers.get('preference-applied'), 'respond-async')
      match(answer.headers.get('location') ?? '', new RegExp(`/connectors/${own}/runs/${queued}$`))
      deepEqual([answer.body.status, answer.body.approves], ['queued', id])
      equal(await staleOnes(stage), 0)
      await stage.syncline.start()
      await stage.syncline.runs.wait(queued)
      equal(await staleOnes(stage), 50)
    })

    test('with an Idempotency-Key is the same approval, however often it is sent', async (stage) => {
      const id = await guardedRun(stage)
      const headers = { prefer: 'respond-async', 'idempotency-key': 'approval-1' }
      const first = await stage.post(`/runs/${id}/approve`, { headers })
      const again = await stage.post(`/runs/${id}/approve`, { headers })
      deepEqual([first.status, again.status, again.body.id], [202, 202, first.body.id])
      await stage.syncline.start()
      const last = await stage.post(`/runs/${id}/approve`, { headers: { ...headers, prefer: '' } })
      deepEqual([last.status, last.body.id, last.body.status], [200, first.body.id, 'success'])
      equal((await stage.get('/runs')).body.total, 3)
    })

    test('of a run that is not guarded is 409, of a body with fields 400', async (stage) => {
      const id = await stage.sync('user', hundred)
      const refused = await stage.post(`/runs/${id}/approve`)
      deepEqual([refused.status, refused.body.code, refused.body.runId], [409, 'RUN_NOT_GUARDED', id])
      const guarded = await stage.sync('user', [])
      await stage.syncline.start()
      const body = { approvedBy: 'somebody else' }
      equal((await stage.post(`/runs/${guarded}/approve`, { body })).status, 400)
      equal(await staleOnes(stage), 0)
      equal((await stage.post(`/runs/${guarded}/approve`, { body: {} })).status, 200)
      equal((await stage.get(`/runs/${guarded}`)).body.approvedBy, 'id of manager')
    })

    test('approving and cancelling need the permission to manage', async (stage) => {
      const id = await guardedRun(stage)
      equal((await stage.post(`/runs/${id}/approve`, { as: 'reader' })).status, 403)
      equal((await stage.post(`/runs/${id}/cancel`, { as: 'reader' })).status, 403)
      equal(await staleOnes(stage), 0)
    })
  })

  contractCases(suite, 'POST cancel', (test) => {
    test('stops a running run, and may be repeated', async (stage) => {
      const { id, ended } = await holdRun(stage)
      const first = await stage.post(`/runs/${id}/cancel`)
      deepEqual([first.status, first.body.cancelRequested], [200, true])
      await ended
      equal((await stage.get(`/runs/${id}`)).body.status, 'cancelled')
      const again = await stage.post(`/runs/${id}/cancel`)
      deepEqual([again.status, again.body.status], [200, 'cancelled'])
    })

    test('cancels a queued run at once', async (stage) => {
      const { runId } = await stage.syncline.trigger({ connectorId: own, resourceType: 'user' })
      const answer = await stage.post(`/runs/${runId}/cancel`, { body: {} })
      deepEqual([answer.status, answer.body.status], [200, 'cancelled'])
    })

    test('of a run that came to another end is 409', async (stage) => {
      const id = await stage.sync('user', hundred)
      const answer = await stage.post(`/runs/${id}/cancel`)
      deepEqual([answer.status, answer.body.code, answer.body.runId], [409, 'RUN_ENDED', id])
      equal((await stage.post(`/runs/${id}/cancel`, { body: { force: true } })).status, 400)
    })
  })
}
