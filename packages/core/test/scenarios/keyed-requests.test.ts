import { createSyncline, SyncError } from '@syncline/core'
import { memoryStore } from '@syncline/core/memory'
import { chaosStore, fakeClock, scriptedConnector } from '@syncline/testing'
import { beforeEach, describe, expect, test } from 'vitest'

const clock = fakeClock()
const connector = scriptedConnector({ resourceTypes: { user: { pages: [[]] } } })
const request = { connectorId: 'acme', principalId: 'mona', key: 'k-1', fingerprint: 'f-1' }
let store = memoryStore({ clock })
let syncline = createSyncline({ store, clock, connectorTypes: [connector] })

beforeEach(async () => {
  store = memoryStore({ clock })
  syncline = createSyncline({ store, clock, connectorTypes: [connector] })
  await syncline.connectors.save({ connectorId: 'acme', type: connector.type })
})

const counted = (answer: string, failures = 0) => {
  const calls: string[] = []
  const work = async () => {
    calls.push(answer)
    if (calls.length <= failures) throw new SyncError('MATCH_CHANGED', 'changed meanwhile')
    return answer
  }
  return { calls, work }
}

describe('once', () => {
  test('does the work once and answers later attempts the same, in another process too', async () => {
    const { calls, work } = counted('done')
    const elsewhere = createSyncline({ store, clock, connectorTypes: [connector] })
    expect(await syncline.requests.once(request, work)).toBe('done')
    expect(await syncline.requests.once(request, work)).toBe('done')
    expect(await elsewhere.requests.once(request, async () => 'other')).toBe('done')
    expect(calls).toHaveLength(1)
  })

  test('refuses an attempt while another one is under way', async () => {
    const gate = Promise.withResolvers<string>()
    const first = syncline.requests.once(request, () => gate.promise)
    await expect(syncline.requests.once(request, async () => 'other')).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_IN_USE',
      retryAfterMs: 1_000,
    })
    gate.resolve('done')
    expect(await first).toBe('done')
  })

  test('refuses the key for another request', async () => {
    await syncline.requests.once(request, async () => 'done')
    await expect(
      syncline.requests.once({ ...request, fingerprint: 'f-2' }, async () => 'other'),
    ).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
  })

  test('does work that threw again with the next attempt', async () => {
    const { calls, work } = counted('done', 1)
    await expect(syncline.requests.once(request, work)).rejects.toMatchObject({ code: 'MATCH_CHANGED' })
    expect(await syncline.requests.once(request, work)).toBe('done')
    expect(calls).toHaveLength(2)
  })

  test('does work whose process died before its answer was kept again, a minute later', async () => {
    const { calls, work } = counted('done')
    const chaos = chaosStore(store, { method: 'requests.answer', call: 1, when: 'before', kind: 'cut' })
    const dying = createSyncline({ store: chaos.store, clock, connectorTypes: [connector] })
    await expect(dying.requests.once(request, work)).rejects.toThrow('died')
    expect(chaos.fired).toBe(true)
    await expect(syncline.requests.once(request, work)).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_IN_USE',
    })
    await clock.advance(61_000)
    expect(await syncline.requests.once(request, work)).toBe('done')
    expect(calls).toHaveLength(2)
  })
})

describe('effectId', () => {
  test('is the same for every attempt, and another one for another key', async () => {
    const ids = await Promise.all([1, 2, 3].map(() => syncline.requests.effectId(request)))
    await clock.advance(1_000)
    ids.push(await syncline.requests.effectId(request))
    expect(new Set(ids).size).toBe(1)
    expect(await syncline.requests.effectId({ ...request, key: 'k-2' })).not.toBe(ids[0])
  })

  test('a run that is triggered under one id is made once, whatever became of it', async () => {
    const runId = await syncline.requests.effectId(request)
    const wanted = { connectorId: 'acme', resourceType: 'user', runId }
    const runs = await Promise.all([1, 2, 3].map(() => syncline.trigger(wanted)))
    expect(runs.map((run) => run.runId)).toEqual([runId, runId, runId])
    await syncline.runs.cancel(runId)
    expect(await syncline.trigger(wanted)).toMatchObject({ runId, status: 'cancelled' })
    expect(await syncline.runs.list()).toHaveLength(1)
  })
})
