import type { ActionQuery, LifecycleAction, PeopleStore, Scope } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import { checked } from '../along-indexes.ts'
import type { Tables } from '../tables.ts'
import { selectActions } from './action-row.ts'
import type { PeopleContext } from './people-context.ts'
import { isUuid } from './uuid.ts'

type Journal = Pick<PeopleStore, 'action' | 'actions' | 'openActions' | 'lastActions' | 'deactivations'>

const changesUsers = sql`a.kind in ('create', 'deactivate', 'reactivate')`

/** Reads the journal of what was done to users and links. */
export function journal({ database, tables }: PeopleContext): Journal {
  const select = (rest: RawBuilder<unknown>): Promise<readonly LifecycleAction[]> =>
    database.read(async (session) => {
      const actions = await selectActions(session, tables, rest)
      return actions.map(({ action }) => action)
    })
  return {
    async action(actionId) {
      if (!isUuid(actionId)) return undefined
      const [action] = await select(sql`where a.action_id = ${actionId}::uuid`)
      return action
    },
    actions: (query) =>
      select(sql`where ${conditionsOf(tables, query)} order by a.position desc limit ${query.limit}::bigint`),
    openActions: ({ scope, after, limit }) =>
      database.read(async (session) => {
        const actions = await selectActions(
          session,
          tables,
          sql`where ${ofOwner(tables)} and ${checked(sql`a.status = 'intended'`)} and ${following(scope, after)}
            limit ${limit}::bigint`,
        )
        return actions.map(({ action, ageMs }) => ({ ...action, ageMs }))
      }),
    lastActions: (userIds, { tenantId }) =>
      database.write(async (session) => {
        await session.alongIndexes()
        const ids = session.arrays.text([...new Set(userIds)].filter((id) => !id.includes('\0')))
        const actions = await selectActions(
          session,
          tables,
          sql`where a.position = any(array(select last.position from unnest(${ids}) as g(user_id)
            cross join lateral (select a.position from ${tables.actions} a
              where a.tenant_id = ${tenantId} and a.user_id = g.user_id
                and ${checked(sql`a.status = 'done' and ${changesUsers}`)}
              order by a.position desc limit 1) last))`,
        )
        return actions.map(({ action }) => action)
      }),
    deactivations: ({ scope, tenantId, after, limit }) =>
      select(sql`where ${checked(sql`a.kind = 'deactivate' and a.status = 'done' and a.tenant_id = ${tenantId}`)}
        and ${ofOwner(tables)}
        and not exists (select from ${tables.actions} later
          where later.tenant_id = a.tenant_id and later.user_id = a.user_id and later.position > a.position
            and ${checked(sql`later.status = 'done' and later.kind in ('create', 'deactivate', 'reactivate')`)} offset 0)
        and ${following(scope, after)} limit ${limit}::bigint`),
  }
}

/** A connector that was made again, or moved, does not have the actions of the tenant before it. */
const ofOwner = (tables: Tables): RawBuilder<unknown> =>
  sql`not exists (select from ${tables.connectors} c
    where c.id = a.connector_id and ${checked(sql`c.tenant_id <> a.tenant_id`)} offset 0)`

/**
 * Actions of a scope after a position, in order; the last of the conditions. A range of three columns, because only the
 * index of the scope has that order: by positions alone, those of all scopes would be passed over.
 */
const following = ({ connectorId, resourceType }: Scope, after: number): RawBuilder<unknown> =>
  sql`(a.connector_id, a.resource_type, a.position) > (${connectorId}, ${resourceType}, ${after}::bigint)
    and (a.connector_id, a.resource_type) <= (${connectorId}, ${resourceType})
    order by a.connector_id, a.resource_type, a.position`

const conditionsOf = (tables: Tables, query: ActionQuery): RawBuilder<unknown> => {
  const { tenantId, connectorId, resourceType, externalId, kind, userId, runId, before } = query
  const fields = {
    tenant_id: tenantId,
    connector_id: connectorId,
    resource_type: resourceType,
    external_id: externalId,
    kind,
  }
  const conditions = Object.entries({ ...fields, user_id: userId, run_id: runId }).flatMap(
    ([column, value]) => (value === undefined ? [] : sql`${sql.id('a', column)} = ${value}`),
  )
  if (connectorId !== undefined) conditions.push(ofOwner(tables))
  if (before !== undefined) conditions.push(sql`a.position < ${before}::bigint`)
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `)
}
