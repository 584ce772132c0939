import type { UpstreamRecord } from '@syncline/core'
import { directoryRecord } from './directory-record.ts'

/**
 * What happened upstream since the beginning, where records 0 … n-1 stood at revision 0.
 * mixed: 1 % changed, 0.1 % new, 0.1 % gone · tenth-changed: 10 % changed · hundredth-gone: 1 % gone
 */
export type UpstreamStep = 'mixed' | 'tenth-changed' | 'hundredth-gone'

/** What upstream holds; plain data, so that it can be handed to another process. */
export interface UpstreamState {
  /** Records at the beginning. */
  readonly records: number
  readonly steps: readonly UpstreamStep[]
}

/** Numbers in use: records ever listed, gone ones included. */
export const numbersOf = ({ records, steps }: UpstreamState): number =>
  records + (steps.includes('mixed') ? Math.floor(records / 1_000) : 0)

/** The revision of a record, or undefined while upstream does not list it. */
export function revisionOf(state: UpstreamState, number: number): number | undefined {
  let revision: number | undefined = number < state.records ? 0 : undefined
  for (const step of state.steps) revision = revisionAfter(step, state.records, { number, revision })
  return revision
}

function revisionAfter(
  step: UpstreamStep,
  records: number,
  { number, revision }: { readonly number: number; readonly revision: number | undefined },
): number | undefined {
  if (step === 'mixed' && number >= records) return 0
  if (revision === undefined) return undefined
  switch (step) {
    case 'mixed':
      if (number % 1_000 === 500) return undefined
      return number % 100 === 7 ? revision + 1 : revision
    case 'tenth-changed':
      return number % 10 === 3 ? revision + 1 : revision
    case 'hundredth-gone':
      return number % 100 === 50 ? undefined : revision
    default:
      return step satisfies never
  }
}

/** How many records upstream lists. */
export function listedIn(state: UpstreamState): number {
  let listed = 0
  for (let number = 0; number < numbersOf(state); number++)
    if (revisionOf(state, number) !== undefined) listed++
  return listed
}

/** The records of one page, made now: a page holds the numbers from `start` on, less those that are gone. */
export function recordsFrom(state: UpstreamState, start: number, pageSize: number): UpstreamRecord[] {
  const end = Math.min(start + pageSize, numbersOf(state))
  const records: UpstreamRecord[] = []
  for (let number = start; number < end; number++) {
    const revision = revisionOf(state, number)
    if (revision !== undefined) records.push(directoryRecord(number, revision))
  }
  return records
}

/** All pages in turn. */
export function* pagesOf(
  state: UpstreamState,
  pageSize: number,
  read: ReadRecords = recordsFrom,
): Generator<UpstreamRecord[]> {
  for (let start = 0; start < numbersOf(state); start += pageSize) yield read(state, start, pageSize)
}

/** Reads a page of an upstream. */
export type ReadRecords = typeof recordsFrom

// More would fill the memory with what is not measured.
const mostHeld = 200_000

/** Holds the pages of a state, so that a measured pass finds them in memory; too many are made when they are asked for. */
export function heldRecords(state: UpstreamState, pageSize: number): ReadRecords {
  if (numbersOf(state) > mostHeld) return recordsFrom
  const pages = [...pagesOf(state, pageSize)]
  return (asked, start, size) =>
    (asked === state && size === pageSize ? pages[start / size] : undefined) ??
    recordsFrom(asked, start, size)
}
