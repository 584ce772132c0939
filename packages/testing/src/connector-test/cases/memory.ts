import { ok } from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { ListAnswer } from '@syncline/core'
import { plainEntry } from '../server/served-entry.ts'
import { expectSuccess } from '../trial/expectations.ts'
import { type CaseSubject, connectorCases } from '../trial/harness.ts'
import type { Trial } from '../trial/trial.ts'

const wantedPageSize = 20
const recordsOfStretch = 60
/** The first stretch fills caches of the runtime and of the HTTP client. */
const stretches = 4
/** Texts so long that pages stand out from whatever else a test runner keeps and lets go. */
const nameLength = 60_000
/** In bytes: half of what the names of a stretch take. */
const mostGrowth = (recordsOfStretch * nameLength) / 2

export function testMemory(subject: CaseSubject): void {
  const { listing, resourceType } = subject
  connectorCases(subject, 'memory', (test) => {
    test('no page is kept once it was answered', async (open) => {
      const pageSize = Math.min(wantedPageSize, listing.maxPageSize ?? wantedPageSize)
      let next: ((cursor: string | undefined) => Promise<ListAnswer>) | undefined
      const trial = await open({
        pageSize,
        around: (list) => (request, context) => {
          const { signal } = new AbortController()
          next = (cursor) => list({ ...request, cursor, signal }, context)
          return Promise.resolve({ success: true, payload: { resources: [] } })
        },
      })
      // A run that ends at once leaves the connector's own list function and its context behind.
      expectSuccess(await trial.sync())
      const name = 'x'.repeat(nameLength)
      const count = stretches * recordsOfStretch
      const entries = Array.from({ length: count }, (_, index) => plainEntry(listing, index, { name }))
      trial.upstream.serve(resourceType, entries)
      const list = (cursor?: string) => next?.(cursor) ?? Promise.reject(new Error('no list'))
      const growth = await growthOf(trial, list, Math.ceil(recordsOfStretch / pageSize))
      ok(growth <= mostGrowth, `every ${recordsOfStretch} records left ${growth} bytes behind`)
    })
  })
}

/**
 * The least growth of the heap over the stretches of a listing, in bytes, as far as it had to be read: what is kept
 * shows in every stretch, what others do at the same time does not.
 */
async function growthOf(
  trial: Trial,
  list: (cursor: string | undefined) => Promise<ListAnswer>,
  pagesOfStretch: number,
): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  let cursor: string | undefined
  let before = Number.NaN
  for (let stretch = 0; stretch < stretches; stretch++) {
    for (let page = 0; page < pagesOfStretch; page++) {
      const answer = await list(cursor)
      ok(answer.success, 'the listing failed')
      cursor = answer.payload.nextCursor
    }
    const now = await heapAfterCollection()
    if (stretch > 0) least = Math.min(least, now - before)
    before = now
    trial.upstream.forgetRequests()
    if (least <= mostGrowth) break
  }
  return least
}

async function heapAfterCollection(): Promise<number> {
  // Hosts do not start their test runner with --expose-gc.
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  ok(typeof collect === 'function', 'the garbage collector cannot be called')
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  return process.memoryUsage().heapUsed
}
