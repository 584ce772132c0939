import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fairSlots } from '../../src/scheduling/fair-slots.ts'

interface Piece {
  readonly tenant: string
  readonly begin: () => void
}

/** Submits pieces all at once and lets them end in the order they began; answers that order and the most at once. */
async function workOff(tenants: readonly string[], size: number) {
  const slots = fairSlots(size)
  const began: Piece[] = []
  const going: (() => void)[] = []
  let most = 0
  const all = tenants.map((tenant) =>
    slots(tenant, async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      began.push({ tenant, begin: resolve })
      going.push(resolve)
      most = Math.max(most, going.length)
      await promise
    }),
  )
  while (began.length < tenants.length || going.length > 0) {
    await turn()
    going.shift()?.()
  }
  await Promise.all(all)
  return { order: began.map(({ tenant }) => tenant), most }
}

describe('fairSlots', () => {
  const submitted = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 60 })
  const sizes = fc.integer({ min: 1, max: 5 })

  test('never lets more pieces run than there are slots, and runs each once', () =>
    fc.assert(
      fc.asyncProperty(submitted, sizes, async (tenants, size) => {
        const { order, most } = await workOff(tenants, size)
        expect(most).toBeLessThanOrEqual(size)
        expect(order.toSorted()).toEqual(tenants.toSorted())
      }),
      { numRuns: 50 },
    ))

  test('while a tenant waits, no other has two turns, however long its backlog is', () =>
    fc.assert(
      fc.asyncProperty(submitted, sizes, async (tenants, size) => {
        const { order } = await workOff(tenants, size)
        // The first pieces find free slots.
        const waited = order.slice(size)
        for (const tenant of new Set(waited)) {
          const last = waited.lastIndexOf(tenant)
          let turns = new Map<string, number>()
          for (const other of waited.slice(0, last + 1)) {
            if (other === tenant) turns = new Map()
            else turns.set(other, (turns.get(other) ?? 0) + 1)
            expect(Math.max(0, ...turns.values())).toBeLessThanOrEqual(1)
          }
        }
      }),
      { numRuns: 50 },
    ))

  test('one piece behind another tenant’s hundred begins with the next free slot', async () => {
    const { order } = await workOff([...Array.from({ length: 100 }, () => 'big'), 'small'], 2)
    expect(order.indexOf('small')).toBeLessThanOrEqual(3)
  })

  test('a piece that fails frees its slot and fails alone', async () => {
    const slots = fairSlots(1)
    const failing = slots('a', () => Promise.reject(new Error('no')))
    const next = slots('a', async () => 'done')
    await expect(failing).rejects.toThrow('no')
    expect(await next).toBe('done')
  })
})
