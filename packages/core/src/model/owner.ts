/** The tenant that a call is made for. Users, profiles and match rows of other tenants are out of its reach. */
export interface Owner {
  readonly tenantId: string
}

/** Tenant of connectors, users and profiles that name none. */
export const defaultTenantId = 'default'
