import type { NewAction, Owner, Scope, SettledAction } from '@syncline/core'
import { sql } from 'kysely'
import { checked } from '../along-indexes.ts'
import type { Session } from '../database.ts'
import { writeDocument } from '../stored-documents.ts'
import type { Tables } from '../tables.ts'
import { possibleInstant } from '../values.ts'

/** Adds entries to the journal, in order. One whose id is there changes nothing. */
export async function recordActions(
  session: Session,
  tables: Tables,
  { scope, tenantId, actions }: Owner & { readonly scope: Scope; readonly actions: readonly NewAction[] },
): Promise<void> {
  if (actions.length === 0) return
  const { arrays } = session
  const text = (field: (action: NewAction) => string | null | undefined) =>
    arrays.text(actions.map((action) => field(action) ?? null))
  await session.run(sql`insert into ${tables.actions} (action_id, tenant_id, connector_id, resource_type, external_id, kind,
      status, user_id, connector_resource_id, stale_since, actor, reason, run_id, before, after, undoes, problem, at,
      settled_at)
    select g.action_id, ${tenantId}, ${scope.connectorId}, ${scope.resourceType}, g.external_id, g.kind, g.status, g.user_id,
      g.resource_id, g.stale_since::timestamptz, g.actor, g.reason, g.run_id, g.before::json, g.after::json,
      g.undoes, g.problem::json, statement_timestamp(),
      case when g.status <> 'intended' then statement_timestamp() end
    from unnest(${arrays.uuid(actions.map(({ actionId }) => actionId))}, ${text(({ externalId }) => externalId)},
      ${text(({ kind }) => kind)}, ${text(({ status }) => status)}, ${text(({ userId }) => userId)},
      ${arrays.uuid(actions.map(({ connectorResourceId }) => connectorResourceId))},
      ${text(({ staleSince }) => possibleInstant(staleSince)?.toISOString())}, ${text(({ by }) => by)},
      ${text(({ reason }) => reason)}, ${text(({ runId }) => runId)}, ${text(({ before }) => writeDocument(before))},
      ${text(({ after }) => writeDocument(after))}, ${text(({ undoes }) => undoes)},
      ${text(({ problem }) => writeDocument(problem))}) with ordinality
      as g(action_id, external_id, kind, status, user_id, resource_id, stale_since, actor, reason, run_id, before,
        after, undoes, problem, place)
    order by g.place on conflict (action_id) do nothing`)
}

/** Says what intended actions came to. One that is settled stays as it is; what is not given is kept. */
export async function settleActions(
  session: Session,
  tables: Tables,
  settled: readonly SettledAction[],
): Promise<void> {
  if (settled.length === 0) return
  const { arrays } = session
  const text = (field: (action: SettledAction) => string | null | undefined) =>
    arrays.text(settled.map((action) => field(action) ?? null))
  await session.run(sql`update ${tables.actions} as a set status = g.status, settled_at = statement_timestamp(),
      user_id = coalesce(g.user_id, a.user_id), before = coalesce(g.before::json, a.before),
      after = coalesce(g.after::json, a.after), problem = coalesce(g.problem::json, a.problem)
    from unnest(${arrays.uuid(settled.map(({ actionId }) => actionId))}, ${text(({ status }) => status)},
      ${text(({ userId }) => userId)}, ${text(({ before }) => writeDocument(before))},
      ${text(({ after }) => writeDocument(after))}, ${text(({ problem }) => writeDocument(problem))})
      as g(action_id, status, user_id, before, after, problem)
    where a.action_id = g.action_id and ${checked(sql`a.status = 'intended'`)}`)
}
