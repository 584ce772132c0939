import type { EventMark, EventState, Resource } from '@syncline/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type EventOrder, laterMark, markOf, orderOf } from '../../src/webhooks/order-of-events.ts'

const noon = Date.parse('2026-03-01T12:00:00Z')
const minutes = (count: number) => new Date(noon + count * 60_000)

const rowAt = (syncedAt: Date, staleSince?: Date): Resource => ({
  connectorId: 'acme',
  resourceType: 'user',
  externalId: 'u1',
  resourceId: 'id',
  displayName: 'Ada',
  email: null,
  attributes: {},
  hash: 'hash',
  syncedAt,
  createdAt: syncedAt,
  ...(staleSince && { staleSince }),
})

const state = (known: { mark?: EventMark & { at?: Date }; resource?: Resource } = {}): EventState => ({
  now: minutes(60),
  revision: '',
  ...(known.resource && { resource: known.resource }),
  ...(known.mark && { mark: { at: minutes(0), ...known.mark } }),
})

describe('orderOf', () => {
  test.each<[string, EventMark, EventState, EventOrder]>([
    ['nothing is known', {}, state(), 'newer'],
    ['its version is higher', { version: 3 }, state({ mark: { version: 2 } }), 'newer'],
    ['its version is lower', { version: 1 }, state({ mark: { version: 2 } }), 'older'],
    ['its version is the same', { version: 2 }, state({ mark: { version: 2 } }), 'unknown'],
    ['it happened later', { occurredAt: minutes(-1) }, state({ mark: { occurredAt: minutes(-2) } }), 'newer'],
    [
      'it happened earlier',
      { occurredAt: minutes(-3) },
      state({ mark: { occurredAt: minutes(-2) } }),
      'older',
    ],
    [
      'it happened at the same time',
      { occurredAt: minutes(-2) },
      state({ mark: { occurredAt: minutes(-2) } }),
      'unknown',
    ],
    [
      'version and time differ: the version counts',
      { version: 1, occurredAt: minutes(30) },
      state({ mark: { version: 2, occurredAt: minutes(-2) } }),
      'older',
    ],
    ['it says nothing, as the one before', {}, state({ mark: {} }), 'unknown'],
    [
      'it has a version, the one before a time',
      { version: 3 },
      state({ mark: { occurredAt: minutes(-2) } }),
      'unknown',
    ],
    [
      'it has a time, the one before a version, and long after that was stored',
      { occurredAt: minutes(6) },
      state({ mark: { version: 2 } }),
      'newer',
    ],
    [
      'a listing has stored the row, and it says nothing',
      {},
      state({ resource: rowAt(minutes(0)) }),
      'unknown',
    ],
    [
      'it happened five minutes after the listing: clocks may differ',
      { occurredAt: minutes(5) },
      state({ resource: rowAt(minutes(0)) }),
      'unknown',
    ],
    [
      'it happened longer after the listing',
      { occurredAt: minutes(6) },
      state({ resource: rowAt(minutes(0)) }),
      'newer',
    ],
    [
      'its version is higher, but a listing came since',
      { version: 3 },
      state({ mark: { version: 2 }, resource: rowAt(minutes(1)) }),
      'unknown',
    ],
    [
      'its version is lower, and a listing came since',
      { version: 1 },
      state({ mark: { version: 2 }, resource: rowAt(minutes(1)) }),
      'older',
    ],
    [
      'its version is higher, and it happened long after the listing',
      { version: 3, occurredAt: minutes(7) },
      state({ mark: { version: 2 }, resource: rowAt(minutes(1)) }),
      'newer',
    ],
    [
      'its version is higher, and the event before wrote the row',
      { version: 3 },
      state({ mark: { version: 2 }, resource: rowAt(minutes(0)) }),
      'newer',
    ],
    [
      'a listing has missed the row since',
      { version: 3 },
      state({ mark: { version: 2 }, resource: rowAt(minutes(-9), minutes(1)) }),
      'unknown',
    ],
    [
      'it happened after the row was confirmed, but not after a listing missed it',
      { occurredAt: minutes(6) },
      state({ resource: rowAt(minutes(-30), minutes(3)) }),
      'unknown',
    ],
    [
      'its version is higher than a lower bound',
      { version: 3 },
      state({ mark: { version: 2, isLowerBound: true } }),
      'unknown',
    ],
    [
      'its version is lower than a lower bound',
      { version: 1 },
      state({ mark: { version: 2, isLowerBound: true } }),
      'older',
    ],
    [
      'its version is higher than a lower bound, and it happened long after that was stored',
      { version: 3, occurredAt: minutes(6) },
      state({ mark: { version: 2, isLowerBound: true } }),
      'newer',
    ],
    [
      'it has a time only, and the time of the mark may be that of an event before its version',
      { occurredAt: minutes(-1) },
      state({ mark: { version: 2, occurredAt: minutes(-2) } }),
      'unknown',
    ],
    ['its resource was removed by a newer event', { version: 3 }, state({ mark: { version: 4 } }), 'older'],
  ])('when %s', (...[, event, known, order]) => {
    expect(orderOf(event, known)).toBe(order)
  })
})

describe('markOf', () => {
  const event = { action: 'updated', resourceType: 'user', resourceId: 'u1' } as const
  test('an instant that has not come yet says nothing, clocks apart', () => {
    const now = minutes(0)
    const occurring = (at: Date) => markOf({ ...event, occurredAt: at.toISOString() }, now)
    expect(occurring(minutes(5))).toEqual({ occurredAt: minutes(5) })
    expect(occurring(new Date(minutes(5).getTime() + 1))).toEqual({})
  })

  test('an offset is read', () => {
    const told = { ...event, occurredAt: '2026-03-01T14:00:00.5+02:00', version: 0 }
    expect(markOf(told, minutes(60))).toEqual({ version: 0, occurredAt: new Date(noon + 500) })
  })
})

describe('laterMark', () => {
  const marks = fc.record(
    { version: fc.nat(5), occurredAt: fc.nat(5).map((count) => minutes(count)) },
    { requiredKeys: [] },
  )
  test('is older than neither, and the same whichever came first', () => {
    fc.assert(
      fc.property(marks, marks, (one, other) => {
        const later = laterMark(one, other, 'upstream')
        expect(later).toEqual(laterMark(other, one, 'upstream'))
        for (const mark of [one, other]) {
          expect(later.version ?? -1).toBeGreaterThanOrEqual(mark.version ?? -1)
          expect(later.occurredAt?.getTime() ?? 0).toBeGreaterThanOrEqual(mark.occurredAt?.getTime() ?? 0)
        }
      }),
    )
  })

  test.each<[string, EventMark, EventMark | undefined, boolean]>([
    ['the first event', { version: 1 }, undefined, false],
    ['an event with a higher version', { version: 2 }, { version: 1 }, false],
    ['an event with a later time', { occurredAt: minutes(2) }, { occurredAt: minutes(1) }, false],
    [
      'an event with a version after one with both',
      { version: 2 },
      { version: 1, occurredAt: minutes(1) },
      false,
    ],
    ['an event with a time after one with a version', { occurredAt: minutes(2) }, { version: 1 }, true],
    ['an event with neither after one with a time', {}, { occurredAt: minutes(1) }, true],
  ])('of %s says whether it is a lower bound', (...[, event, mark, isLowerBound]) => {
    expect(laterMark(event, mark, 'event').isLowerBound ?? false).toBe(isLowerBound)
    expect(laterMark(event, mark, 'upstream').isLowerBound).toBe(true)
  })
})
