/** Values by tenant and id: two fields, never a joined text. */
export interface TenantMap<Value> {
  get(tenantId: string, id: string): Value | undefined
  set(tenantId: string, id: string, value: Value): void
  delete(tenantId: string, id: string): boolean
  values(): readonly Value[]
}

export function tenantMap<Value>(): TenantMap<Value> {
  const tenants = new Map<string, Map<string, Value>>()
  return {
    get: (tenantId, id) => tenants.get(tenantId)?.get(id),
    set(tenantId, id, value) {
      const values = tenants.get(tenantId) ?? new Map<string, Value>()
      tenants.set(tenantId, values.set(id, value))
    },
    delete: (tenantId, id) => tenants.get(tenantId)?.delete(id) ?? false,
    values: () => [...tenants.values()].flatMap((values) => [...values.values()]),
  }
}
