import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createUuidV7 } from '../../src/time/uuid-v7.ts'

const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const zeros = (count: number): Uint8Array => new Uint8Array(count)
const ones = (count: number): Uint8Array => new Uint8Array(count).fill(0xff)

/** A clock that shows these times, then stays at the last. */
const showing = (...times: number[]): (() => number) => {
  let at = 0
  return () => times[Math.min(at++, times.length - 1)] ?? 0
}

describe('createUuidV7', () => {
  test('carries time, version, counter, variant and randomness where RFC 9562 wants them', () => {
    // The instant of the example in the RFC's appendix A.6.
    const now = showing(0x017f22e279b0)
    expect(createUuidV7({ now, randomBytes: zeros })()).toBe('017f22e2-79b0-7000-8000-000000000000')
    expect(createUuidV7({ now, randomBytes: ones })()).toBe('017f22e2-79b0-77ff-bfff-ffffffffffff')
  })

  test('ids are well-formed and distinct', () => {
    const create = createUuidV7()
    const ids = Array.from({ length: 20_000 }, create)
    expect(ids.every((id) => shape.test(id))).toBe(true)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('ids ascend whatever the clock does', () => {
    const times = fc.array(fc.integer({ min: 0, max: 2 ** 48 - 10_000 }), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(times, (shown) => {
        const create = createUuidV7({ now: showing(...shown) })
        const ids = Array.from({ length: shown.length + 20 }, create)
        expect(ids.toSorted()).toEqual(ids)
        expect(new Set(ids).size).toBe(ids.length)
      }),
    )
  })

  test('more ids in a millisecond than the counter holds still ascend', () => {
    const create = createUuidV7({ now: () => 1_000, randomBytes: zeros })
    const ids = Array.from({ length: 10_000 }, create)
    expect(ids.toSorted()).toEqual(ids)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('draws randomness in blocks', () => {
    let draws = 0
    const randomBytes = (count: number): Uint8Array => {
      draws++
      return zeros(count)
    }
    const create = createUuidV7({ now: () => 1, randomBytes })
    for (let made = 0; made < 800; made++) create()
    expect(draws).toBe(1)
  })
})
