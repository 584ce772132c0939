import { describe, expect, test } from 'vitest'
import { judgeRemoval } from '../../src/sync/removal-guard.ts'

const guard = { minRows: 10, percent: 20 }
const received = 1
const unreadable = false

// live × unseen → tripped; the limit is max(10 rows, 20 % of the live ones)
const table: readonly (readonly [live: number, unseen: number, tripped: boolean])[] = [
  [0, 0, false],
  [1, 1, false],
  [9, 9, false],
  [10, 10, false],
  [11, 2, false],
  [11, 11, true],
  [49, 10, false],
  [49, 11, true],
  [50, 10, false],
  [50, 11, true],
  [100, 19, false],
  [100, 20, false],
  [100, 21, true],
  [100, 100, true],
  [500, 95, false],
  [500, 100, false],
  [500, 101, true],
  [500, 500, true],
]

describe('removal guard', () => {
  test.each(table)('%i live, %i unseen: tripped %s', (live, unseen, tripped) => {
    expect(judgeRemoval({ live, unseen, received, unreadable }, guard).tripped).toBe(tripped)
  })

  test('an empty enumeration trips it, however few rows there are', () => {
    expect(judgeRemoval({ live: 1, unseen: 1, received: 0, unreadable }, guard)).toEqual({
      live: 1,
      unseen: 1,
      limit: 10,
      tripped: true,
      reason: 'nothing_seen',
    })
  })

  test('an empty enumeration of an empty store is fine', () => {
    expect(judgeRemoval({ live: 0, unseen: 0, received: 0, unreadable }, guard).tripped).toBe(false)
  })

  test('records without a readable id trip it, since each may be one that seems to be missing', () => {
    expect(judgeRemoval({ live: 5, unseen: 1, received: 5, unreadable: true }, guard)).toMatchObject({
      tripped: true,
      reason: 'unreadable_ids',
    })
    expect(judgeRemoval({ live: 5, unseen: 0, received: 6, unreadable: true }, guard).tripped).toBe(false)
  })

  test('switched off it never trips', () => {
    expect(judgeRemoval({ live: 100, unseen: 100, received: 0, unreadable }, null).tripped).toBe(false)
  })
})
