/**
 * What one sync keeps: every resource of one type of one connector. Statements, leases, generations and
 * positions of the change log are scoped by it.
 */
export interface Scope {
  readonly connectorId: string
  readonly resourceType: string
}

/** Identity of a resource: fields, never a joined string. External ids are compared byte for byte. */
export interface ResourceRef extends Scope {
  readonly externalId: string
}

/** A resource type and an id within the same connector, such as the group a membership belongs to. */
export interface ParentRef {
  readonly resourceType: string
  readonly externalId: string
}
