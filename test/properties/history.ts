import fc from 'fast-check'
import type { EntryKind } from './upstream-world.ts'

/** The overlap of incremental listings in these tests; the latest a change may show. */
export const overlapMs = 60_000
export const leaseMs = 30_000
export const retentionMs = 3_600_000

/** Where a process dies: at the n-th call of the store, before it is carried out or after. */
export interface Cut {
  readonly call: number
  readonly moment: 'before' | 'after'
}

/** One thing that happens to upstream, to the store, or to a sync. */
export type Step =
  | {
      readonly kind: 'put'
      readonly id: string
      readonly content: string
      readonly as: EntryKind
      readonly lateMs: number
    }
  | { readonly kind: 'remove'; readonly id: string }
  | { readonly kind: 'wait'; readonly ms: number }
  /** A webhook: the store is told how upstream stands with one id. */
  | { readonly kind: 'direct'; readonly id: string }
  | {
      readonly kind: 'sync'
      readonly mode: 'full' | 'incremental'
      readonly pageSize: number
      readonly repeated: readonly string[]
      readonly cuts: readonly Cut[]
      readonly failAt: number | undefined
      readonly lookAhead: 0 | 1
    }
  /** Two triggers at once, the first still waiting for its page when the second comes. */
  | { readonly kind: 'race'; readonly pageSize: number }
  /** A run sleeps through its lease with a page in hand; upstream changes; another run takes over; the sleeper wakes. */
  | { readonly kind: 'zombie'; readonly id: string; readonly content: string }

/** Few ids, so that they meet often. */
export const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const

const id = fc.constantFrom(...ids)
const content = fc.constantFrom('one', 'two', 'three')

const cut = fc.record({
  call: fc.integer({ min: 1, max: 14 }),
  moment: fc.constantFrom('before' as const, 'after' as const),
})

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      id,
      content,
      as: fc.oneof(
        { weight: 6, arbitrary: fc.constant('good' as const) },
        fc.constant('bad' as const),
        fc.constant('filtered' as const),
      ),
      lateMs: fc.constantFrom(0, 1, overlapMs),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), id }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 61_000, retentionMs + 1),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('direct' as const), id }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('sync' as const),
      mode: fc.constantFrom('full' as const, 'incremental' as const),
      pageSize: fc.integer({ min: 1, max: 5 }),
      repeated: fc.array(id, { maxLength: 2 }),
      cuts: fc.array(cut, { maxLength: 3 }),
      failAt: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined, freq: 6 }),
      lookAhead: fc.constantFrom(0 as const, 1 as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('race' as const), pageSize: fc.constant(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('zombie' as const), id, content }) },
)

/** A random life of a directory and its copy. */
export const history: fc.Arbitrary<readonly Step[]> = fc.array(step, { minLength: 1, maxLength: 30 })
