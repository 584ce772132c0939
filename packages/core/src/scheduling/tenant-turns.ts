/** Numbers what is given for each tenant on its own: a tenant's n-th gets n, so that all first ones come before a second. */
export function tenantTurns(): (tenantId: string) => number {
  const given = new Map<string, number>()
  return (tenantId) => {
    const turn = given.get(tenantId) ?? 0
    given.set(tenantId, turn + 1)
    return turn
  }
}
