import type { SyncEvent } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import { recordingSink } from '../src/recording-sink.ts'

const base = { tenantId: 't', connectorId: 'hr', resourceType: 'user', runId: 'r', at: new Date(0) }
const started: SyncEvent = { ...base, kind: 'run.started', mode: 'full', generation: 1 }
const retrying: SyncEvent = {
  ...base,
  kind: 'run.retrying',
  attempt: 1,
  waitMs: 5,
  error: { code: 'RATE_LIMITED', message: 'Slow down' },
}

describe('recordingSink', () => {
  test('keeps every event in order and tells kinds apart', () => {
    const sink = recordingSink()
    for (const event of [started, retrying, started]) sink.onEvent(event)
    expect(sink.events).toEqual([started, retrying, started])
    expect(sink.of('run.retrying')).toEqual([retrying])
  })

  test('next resolves with the next event of a kind, not with an earlier one', async () => {
    const sink = recordingSink()
    sink.onEvent(started)
    const next = sink.next('run.started')
    sink.onEvent(retrying)
    const second: SyncEvent = { ...started, generation: 2 }
    sink.onEvent(second)
    expect(await next).toBe(second)
  })
})
