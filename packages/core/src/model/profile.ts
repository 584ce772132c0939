import type { JsonObject, JsonValue } from './json.ts'
import type { Scope } from './scope.ts'

export type AttributeWriter = 'manual' | 'oidc' | 'workflow' | 'connector'

/** Who wrote a field last. */
export interface AttributeSource {
  readonly source: AttributeWriter
  /** For `connector`: the scope whose rule or defaults wrote it. */
  readonly connectorId?: string | undefined
  readonly resourceType?: string | undefined
  /** For `connector`: the rule's source path; absent for the defaults of a created user. */
  readonly sourcePath?: string | undefined
}

/** A user's attributes beyond what identifies them. */
export interface Profile {
  readonly userId: string
  /** Own properties only. */
  readonly attributes: JsonObject
  /** Who wrote each field; a field that is not named was written by hand. */
  readonly attributeSources: Readonly<Record<string, AttributeSource>>
  /** Changes with every write, by whomever; '' where nothing was ever written. Opaque. */
  readonly version: string
}

/** One field that a mapping rule changes. */
export interface FieldChange {
  readonly field: string
  /** Absent: the field is not there. */
  readonly from?: JsonValue | undefined
  /** Absent: the field is cleared. */
  readonly to?: JsonValue | undefined
  readonly source: AttributeSource & Scope & { readonly source: 'connector' }
}
