import { describe, expect, test } from 'vitest'
import { hashRecipe } from '../../src/hashing/record-hash.ts'
import { preparePage } from '../../src/sync/prepare-page.ts'

const rules = { passes: () => true, recipe: hashRecipe([]), capacity: Number.POSITIVE_INFINITY }

/** How many records were looked at in each slice. */
function slices(count: number, notes: string): number[] {
  let read = 0
  const raw = Array.from({ length: count }, (_, index) => ({
    externalId: `user-${index}`,
    displayName: 'User',
    // Read once, when the record is sanitised.
    get attributes() {
      read += 1
      return { notes }
    },
  }))
  const work = preparePage(raw, rules)
  const sizes: number[] = []
  let before = 0
  for (let slice = work.next(); !slice.done; slice = work.next()) {
    sizes.push(read - before)
    before = read
  }
  return sizes
}

describe('a page is prepared in slices', () => {
  test('of at most 50 records', () => {
    const sizes = slices(1_000, '')
    expect(Math.max(...sizes)).toBe(50)
    expect(sizes, 'sanitised, then hashed').toHaveLength(40)
  })

  test('of at most 100,000 characters, or one record', () => {
    expect(Math.max(...slices(20, 'x'.repeat(30_000)))).toBe(4)
    expect(Math.max(...slices(5, 'x'.repeat(500_000)))).toBe(1)
  })

  test('and is the same whatever the slices are', () => {
    const raw = Array.from({ length: 120 }, (_, index) => ({
      externalId: `user-${index % 100}`,
      displayName: `User ${index}`,
      attributes: {},
    }))
    const work = preparePage(raw, rules)
    let turn = work.next()
    while (!turn.done) turn = work.next()
    expect(turn.value.records.map(({ displayName }) => displayName)).toEqual([
      ...Array.from({ length: 20 }, (_, index) => `User ${index + 100}`),
      ...Array.from({ length: 80 }, (_, index) => `User ${index + 20}`),
    ])
  })
})
