/** What a route asks of its caller. `signature`: no principal, the body is signed. */
export const permissions = ['connector:read', 'connector:manage', 'signature'] as const

export type Permission = (typeof permissions)[number]

/** What the host's `authorize` is asked for. */
export type GrantedPermission = Exclude<Permission, 'signature'>

/** Says `tenantId: everyTenant` for an operator of the whole installation. No text can be mistaken for it. */
export const everyTenant: unique symbol = Symbol('everyTenant')

/** Who calls, as the host knows them. */
export interface Principal {
  /** Stable and not empty: kept with what the principal decides, and what rate limits and keys are counted by. */
  readonly id: string
  /** Connectors of other tenants do not exist for the principal. */
  readonly tenantId: string | typeof everyTenant
}

/** A text that no two principals share: of tenant and id. */
export const principalKey = ({ tenantId, id }: Principal): string =>
  JSON.stringify([tenantId === everyTenant ? null : tenantId, id])

/**
 * `unauthenticated` answers 401, `forbidden` 403, `unknown` the same 404 as a connector that does not exist: for hosts
 * that hide single connectors.
 */
export type Authorization = Principal | 'unauthenticated' | 'forbidden' | 'unknown'

/**
 * Whether the sender of a request may do this to a connector, and who it is. Called before the body is read, with an
 * id that has the form of one but need not exist. What it throws is answered with 500 and no details.
 */
export type Authorize<HostRequest> = (
  request: HostRequest,
  permission: GrantedPermission,
  connectorId: string,
) => Promise<Authorization> | Authorization
