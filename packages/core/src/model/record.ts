import type { ParentRef } from './scope.ts'

/** What a connector returns for one upstream object. Becomes a resource once it is stored. */
export interface UpstreamRecord {
  /** The upstream's own id, kept byte for byte; 1 to 255 code points. */
  readonly externalId: string
  /** At most 255 code points. */
  readonly displayName: string
  /** At most 255 code points; absent and null mean the same. */
  readonly email?: string | null | undefined
  /** Everything else, as JSON: at most 1 MiB and 64 levels deep. */
  readonly attributes: Readonly<Record<string, unknown>>
  readonly parent?: ParentRef | undefined
}

/** A record that passed sanitising and validation, ready to be compared and stored. */
export interface PreparedRecord {
  readonly externalId: string
  readonly displayName: string
  readonly email: string | null
  /** The attributes as canonical JSON text: hashed and stored without being written twice. */
  readonly attributesJson: string
  readonly parent?: ParentRef | undefined
  /** SHA-256, 64 hex digits, of the canonical JSON of the record. */
  readonly hash: string
}
