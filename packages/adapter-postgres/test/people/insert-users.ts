import { randomUUID } from 'node:crypto'
import { defaultTenantId, type LocalUser } from '@syncline/core'

type Query = (text: string, values: unknown[]) => Promise<readonly { readonly id: string }[]>

/** Inserts users into the table of ours, as a host does, and answers them with their ids. */
export const insertUsers =
  (query: Query) =>
  async (
    users: readonly (Omit<LocalUser, 'userId'> & Partial<LocalUser>)[],
  ): Promise<readonly LocalUser[]> => {
    const rows = users.map(({ userId = randomUUID(), tenantId = defaultTenantId, ...user }) => {
      const { upstreamId, upstreamIssuer, ...rest } = user
      return {
        ...rest,
        id: userId,
        tenant_id: tenantId,
        upstream_id: upstreamId,
        upstream_issuer: upstreamIssuer,
      }
    })
    const ids = await query(
      `insert into syncline.local_user (id, tenant_id, email, sub, upstream_id, upstream_issuer, status)
        select id, tenant_id, email, sub, upstream_id, upstream_issuer, status
        from json_populate_recordset(null::syncline.local_user, $1::json) returning id`,
      [JSON.stringify(rows)],
    )
    return users.map((user, place) => ({ userId: ids[place]?.id ?? '', ...user }))
  }

export const userIds = ['u-1', 'u-2'] as const
