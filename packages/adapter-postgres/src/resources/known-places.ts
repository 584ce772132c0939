import type { Resource, ResourceSlice } from '@syncline/core'
import { forgetOldest } from './forget-oldest.ts'

/** The state of a scope: its rows are the same, in the same order, while its change log stands still. */
export interface ScopeVersion {
  readonly scopeId: number
  readonly changePosition: number
}

/** A row of a list whose number is known. */
export interface KnownPlace extends ScopeVersion {
  readonly externalId: string
  /** Rows up to it, and with it. */
  readonly rows: number
}

/** A list with a number: one scope, no search. */
export type NumberedSlice = ResourceSlice & { readonly resourceType: string; readonly offset: number }

interface KnownList extends ScopeVersion {
  /** External ids by their number, in the order they were read. */
  readonly ids: Map<number, string>
}

/** With ids of ordinary length, less than a megabyte. */
const mostLists = 32
const mostPlaces = 256

/**
 * Where numbered parts of lists began and ended, so that the next ones are counted from there and not from the ends of
 * the list: who turns pages passes over none of them twice. Kept by this process only, and of use while the scope does
 * not change.
 */
export class KnownPlaces {
  readonly #lists = new Map<string, KnownList>()

  /** The last known row before a part. */
  before(slice: NumberedSlice): KnownPlace | undefined {
    const list = this.#lists.get(nameOf(slice))
    if (!list) return undefined
    let rows = 0
    for (const known of list.ids.keys()) if (known <= slice.offset && known > rows) rows = known
    const externalId = list.ids.get(rows)
    if (externalId === undefined) return undefined
    const { scopeId, changePosition } = list
    return { scopeId, changePosition, externalId, rows }
  }

  /** A part was read when its scope was in this state. */
  keep(slice: NumberedSlice, { scopeId, changePosition }: ScopeVersion, found: readonly Resource[]): void {
    const name = nameOf(slice)
    const kept = this.#lists.get(name)
    const isSame = kept?.scopeId === scopeId && kept.changePosition === changePosition
    const { ids } = isSame ? kept : { ids: new Map<number, string>() }
    const ends = new Map([
      [slice.offset + 1, found.at(0)],
      [slice.offset + found.length, found.at(-1)],
    ])
    for (const [rows, resource] of ends) {
      if (!resource) continue
      ids.delete(rows)
      ids.set(rows, resource.externalId)
    }
    forgetOldest(ids, mostPlaces)
    this.#lists.delete(name)
    this.#lists.set(name, { scopeId, changePosition, ids })
    forgetOldest(this.#lists, mostLists)
  }
}

const nameOf = ({ connectorId, resourceType, stale }: NumberedSlice): string =>
  JSON.stringify([connectorId, resourceType, stale])
