import { deepEqual, equal, ok } from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { Run } from '@syncline/core'
import type { ListingContract } from '../contract/listing-contract.ts'
import type { LoggedRequest } from '../server/upstream-log.ts'
import type { Trial } from './trial.ts'

/** How many requests a listing of that many records takes. */
export function requestCount(listing: ListingContract, records: number, pageSize = 3): number {
  const size = Math.min(pageSize, listing.maxPageSize ?? pageSize)
  if (listing.end === 'short_page') return Math.floor(records / size) + 1
  if (listing.end === 'empty_page') return Math.ceil(records / size) + 1
  return Math.max(1, Math.ceil(records / size))
}

/** 2, 3, 4 */
export const pageRange = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index)

/** Numbers of the pages that were asked for, in order. */
export const pagesAsked = (requests: readonly LoggedRequest[]): number[] =>
  requests.filter(({ listing }) => listing).map(({ page }) => page)

/** @throws AssertionError with what ended the run */
export function expectSuccess(run: Run): void {
  equal(run.status, 'success', `the run ended ${run.status}: ${run.error?.code} ${run.error?.message}`)
}

/** @throws AssertionError unless the run ended with one of the codes, with nothing marked stale */
export function expectFailure(run: Run, codes: readonly string[]): string {
  const code = run.error?.code ?? 'no error'
  ok(codes.includes(code), `the run ended ${run.status} with ${code}, not with ${codes.join(' or ')}`)
  equal(run.stats.staled, 0, 'resources were marked stale by a run that failed')
  return code
}

interface HeldRecord {
  readonly externalId: string
  readonly displayName: string
  readonly email: string | null
}

/** What the host holds and does not hold for stale, ordered by id. */
export async function held({ process, connectorId, subject }: Trial): Promise<HeldRecord[]> {
  const { resourceType } = subject
  const records: HeldRecord[] = []
  for (let page = 1; ; page++) {
    const found = await process.syncline.resources.list({
      connectorId,
      resourceType,
      stale: false,
      page,
      pageSize: 1_000,
    })
    for (const { externalId, displayName, email } of found.data) {
      records.push({ externalId, displayName, email })
    }
    if (page >= found.totalPages) return records.toSorted(byId)
  }
}

/** What upstream has, as the connector must map it, ordered by id. */
const upstreamHas = ({ upstream, subject }: Trial): HeldRecord[] =>
  upstream
    .entries(subject.resourceType)
    .map(({ record }) => record)
    .toSorted(byId)

function byId(left: HeldRecord, right: HeldRecord): number {
  if (left.externalId === right.externalId) return 0
  return left.externalId < right.externalId ? -1 : 1
}

/** @throws AssertionError unless the host holds exactly what upstream has, field by field */
export async function expectEqualsUpstream(trial: Trial): Promise<void> {
  deepEqual(await held(trial), upstreamHas(trial))
}

/** @throws AssertionError when something is missing or stale that upstream has */
export async function expectNothingStale(trial: Trial): Promise<void> {
  const ids = new Set((await held(trial)).map(({ externalId }) => externalId))
  const missing = upstreamHas(trial).filter(({ externalId }) => !ids.has(externalId))
  deepEqual(missing, [], 'upstream has these, the host no longer does')
}

/** Real time, spent only by a connector that holds on. */
const patienceMs = 1_500

/** @throws AssertionError unless the connector gave all these requests up */
export async function expectClosed(requests: readonly LoggedRequest[]): Promise<void> {
  const giveUp = new AbortController()
  const late = delay(patienceMs, false, { signal: giveUp.signal }).catch(() => false)
  const cut = Promise.all(requests.map((request) => request.cut)).then((cuts) => cuts.every(Boolean))
  const closed = await Promise.race([cut, late])
  giveUp.abort()
  ok(closed, 'the connector did not end a request that was given up')
}
