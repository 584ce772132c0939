import { statusOf } from './directory-record.ts'
import { numbersOf, revisionOf, type UpstreamState } from './upstream-state.ts'

/** What a pass over `after` must count where the store holds `before`; absent: nothing. */
export interface ExpectedCounts {
  readonly added: number
  readonly updated: number
  readonly unchanged: number
  readonly restored: number
  readonly staled: number
}

export function expectedCounts(before: UpstreamState | undefined, after: UpstreamState): ExpectedCounts {
  const counts = { added: 0, updated: 0, unchanged: 0, restored: 0, staled: 0 }
  for (let number = 0; number < numbersOf(after); number++) {
    const old = before && revisionOf(before, number)
    const now = revisionOf(after, number)
    if (now === undefined) counts.staled += old === undefined ? 0 : 1
    else if (old === undefined) counts.added++
    else if (old === now) counts.unchanged++
    else counts.updated++
  }
  return counts
}

/** Rows by what they show: `ACTIVE-1 live` → 1000. */
export type Content = Readonly<Record<string, number>>

/** What a store that followed upstream through these states holds: gone records are stale at their last revision. */
export function expectedContent(history: readonly UpstreamState[]): Content {
  const content: Record<string, number> = {}
  const last = history.at(-1)
  if (last === undefined) return content
  for (let number = 0; number < numbersOf(last); number++) {
    const known = history.flatMap((state) => revisionOf(state, number) ?? [])
    const revision = known.at(-1)
    if (revision === undefined) continue
    const line = contentLine(statusOf(revision), revisionOf(last, number) === undefined)
    content[line] = (content[line] ?? 0) + 1
  }
  return content
}

export const contentLine = (status: string, stale: boolean): string => `${status} ${stale ? 'stale' : 'live'}`
