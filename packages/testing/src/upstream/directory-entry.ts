import type { JsonValue } from '@syncline/core'

/**
 * An object of an upstream directory, as it is put in. Only the id is held to a shape, so that a directory can
 * also serve entries a client must refuse. Users and groups have `name` and, mostly, `mail`.
 */
export interface DirectoryEntry {
  readonly id: string
  readonly [field: string]: JsonValue | undefined
}

/** An entry as it is served. */
export interface ListedEntry extends DirectoryEntry {
  /** ISO instant of the last change, by the directory's clock. */
  readonly updatedAt: string
}
