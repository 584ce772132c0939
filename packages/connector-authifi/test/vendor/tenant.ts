import type { JsonObject } from '@syncline/core'

/** One object of Authifi's. */
export type Item = JsonObject & { readonly id: number }

/** What a tenant holds, by id; lists without an order come as the maps have them. */
export interface Tenant {
  readonly users: Map<number, Item>
  readonly groups: Map<number, Item>
  readonly roles: Map<number, Item>
  /** Ids of users by id of their group. */
  readonly members: Map<number, readonly number[]>
}

const longAgo = '2025-06-01T08:00:00.000Z'

export const user = (id: number, changes: JsonObject = {}): Item => ({
  id,
  email: `person${id}@acme.example`,
  username: `person${id}@acme.example`,
  givenName: 'Person',
  familyName: `No ${id}`,
  name: `Person No ${id}`,
  identityIssuer: 'https://idp.acme.example',
  identityIssuerId: `sub-${id}`,
  updatedAt: longAgo,
  ...changes,
})

export const group = (id: number, changes: JsonObject = {}): Item => ({
  id,
  name: `Group ${id}`,
  description: `What group ${id} is for`,
  namespace: 'default',
  userCount: 3,
  privileged: id % 7 === 0,
  updatedAt: longAgo,
  ...changes,
})

const role = (id: number, changes: JsonObject = {}): Item => ({
  id,
  name: `role:${id}`,
  description: `May do ${id}`,
  isGlobal: false,
  updatedAt: longAgo,
  ...changes,
})

/** People, groups and roles, kept in no order at all: ids go by steps of a prime, and every group has three members. */
export function createTenant(sizes: {
  readonly users: number
  readonly groups?: number
  readonly roles?: number
}): Tenant {
  const { users, groups = 0, roles = 0 } = sizes
  return {
    users: keyed(shuffled(users).map((id) => user(id))),
    groups: keyed(shuffled(groups).map((id) => group(id))),
    roles: keyed(shuffled(roles).map((id) => role(id))),
    members: new Map(shuffled(groups).map((id) => [id, [id, id + 1, id + 2]])),
  }
}

/** 1 to count, in another order that is always the same. */
const shuffled = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => index + 1).toSorted(
    (a, b) => ((a * 7919) % 104_729) - ((b * 7919) % 104_729),
  )

const keyed = (items: readonly Item[]): Map<number, Item> => new Map(items.map((item) => [item.id, item]))
