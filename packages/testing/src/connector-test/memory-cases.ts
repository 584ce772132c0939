import { ok } from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { ListAnswer } from '@syncline/core'
import { expectSuccess } from './expectations.ts'
import { type CaseSubject, connectorCases } from './harness.ts'
import type { ListingContract } from './listing-contract.ts'
import { plainEntry, type ServedEntry } from './served-entry.ts'
import type { Trial } from './trial.ts'

const pageSize = 200
const pagesOfStretch = 10
const stretches = 12
/** The first stretch fills caches of the runtime and of the HTTP client. */
const warmUp = 1
/** In bytes. The ids alone of a page of 200 records take more than twice as much. */
const noise = 2_560 * pagesOfStretch

export function testMemory(subject: CaseSubject): void {
  const { listing } = subject
  connectorCases(subject, 'memory', (test) => {
    test('nothing of a page is kept once it was answered', async (open) => {
      const size = Math.min(pageSize, listing.maxPageSize ?? pageSize)
      const count = stretches * pagesOfStretch * size
      const entries = Array.from({ length: count }, (_, index) => settledEntry(listing, index))
      let next: ((cursor: string | undefined) => Promise<ListAnswer>) | undefined
      const trial = await open({
        pageSize: size,
        around: (list) => (request, context) => {
          const { signal } = new AbortController()
          next = (cursor) => list({ ...request, cursor, signal }, context)
          return Promise.resolve({ success: true, payload: { resources: [] } })
        },
      })
      // A run that ends at once leaves the connector's own list function and its context behind.
      expectSuccess(await trial.sync())
      trial.upstream.serve(subject.resourceType, entries)
      const growth = await growthOf(trial, (cursor) => next?.(cursor) ?? Promise.reject(new Error('no list')))
      ok(growth <= noise, `every ${pagesOfStretch} pages left ${growth} bytes behind, ${noise} may be noise`)
    })
  })
}

/** Texts put together give room back once they were written out: that would hide what is kept. */
function settledEntry(listing: ListingContract, index: number): ServedEntry {
  const entry = plainEntry(listing, index, { name: `Entry ${index} ${'x'.repeat(100)}` })
  return { ...entry, item: structuredClone(entry.item) }
}

/**
 * The least growth of the heap over the stretches of a listing, in bytes, as far as it had to be read: what is kept
 * shows in every stretch, what the runtime and others do at the same time does not.
 */
async function growthOf(
  trial: Trial,
  list: (cursor: string | undefined) => Promise<ListAnswer>,
): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  let cursor: string | undefined
  let before = 0
  for (let stretch = 0; stretch < stretches; stretch++) {
    for (let page = 0; page < pagesOfStretch; page++) {
      const answer = await list(cursor)
      if (!answer.success) throw new Error(`the listing failed: ${answer.error.code}`)
      cursor = answer.payload.nextCursor
    }
    trial.upstream.forgetRequests()
    const now = await heapAfterCollection()
    if (stretch >= warmUp) least = Math.min(least, now - before)
    if (least <= noise || cursor === undefined) break
    before = now
  }
  ok(Number.isFinite(least), 'the listing ended too early to be measured')
  return least
}

async function heapAfterCollection(): Promise<number> {
  // Hosts do not start their test runner with --expose-gc.
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new Error('the garbage collector cannot be called')
  for (let round = 0; round < 2; round++) {
    await new Promise((resolve) => setImmediate(resolve))
    collect()
  }
  return process.memoryUsage().heapUsed
}
