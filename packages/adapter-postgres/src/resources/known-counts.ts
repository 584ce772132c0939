import type { ResourceQuery } from '@syncline/core'
import { forgetOldest } from './forget-oldest.ts'
import type { ScopeVersion } from './known-places.ts'

/** A search within one scope. */
export type ScopeSearch = ResourceQuery & {
  readonly resourceType: string
  readonly search: string
  readonly atMost?: number | undefined
}

/** What a search was counted to. */
export interface KnownCount extends ScopeVersion {
  readonly count: number
}

const mostCounts = 1_000

/**
 * What searches were counted to, so that turning the pages of one counts once. Kept by this process only, and of use
 * while the scope does not change.
 */
export class KnownCounts {
  readonly #counts = new Map<string, KnownCount>()

  of(search: ScopeSearch): KnownCount | undefined {
    return this.#counts.get(nameOf(search))
  }

  keep(search: ScopeSearch, counted: KnownCount): void {
    const name = nameOf(search)
    this.#counts.delete(name)
    this.#counts.set(name, counted)
    forgetOldest(this.#counts, mostCounts)
  }
}

const nameOf = ({ connectorId, resourceType, search, stale, atMost }: ScopeSearch): string =>
  JSON.stringify([connectorId, resourceType, search, stale, atMost])
