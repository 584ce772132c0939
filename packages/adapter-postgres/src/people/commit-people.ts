import type { NewAction, Owner, PeopleCommit, PeopleCommitted, Scope } from '@syncline/core'
import { sql } from 'kysely'
import type { Session } from '../database.ts'
import { isUniqueViolation } from '../pg-errors.ts'
import { connectorNotFound } from '../scope-lock.ts'
import type { PeopleContext } from './people-context.ts'
import { holdLease, lockPostSync } from './post-sync-scope.ts'
import { recordActions, settleActions } from './record-actions.ts'
import { liveRow, ofScope, ofTenant } from './subjects.ts'
import { recordJobs } from './workflow-jobs.ts'
import { outdatedMatches, writeMatches } from './write-matches.ts'

/**
 * Writes everything that changes together, or nothing. New rows are taken to be new without asking; one that is there
 * after all breaks the transaction, and all of them are asked for.
 * @throws LEASE_LOST, CONNECTOR_NOT_FOUND
 */
export async function commitPeople(context: PeopleContext, commit: PeopleCommit): Promise<PeopleCommitted> {
  const attempt = (assumeNew: boolean): Promise<PeopleCommitted> =>
    context.database.write((session) => writeAll(session, context, { commit, assumeNew }))
  try {
    return await attempt(true)
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    return attempt(false)
  }
}

async function writeAll(
  session: Session,
  context: PeopleContext,
  { commit, assumeNew }: { readonly commit: PeopleCommit; readonly assumeNew: boolean },
): Promise<PeopleCommitted> {
  const { tables } = context
  const { scope, tenantId, lease, matches, actions, settled, jobs, triggeredTo } = commit
  const deactivations = actions.filter(isDeactivation)
  await session.alongIndexes()
  await lockPeople(session, context, { tenantId, alone: deactivations.length > 0 })
  const { scopeId, tenantId: current } = await lockPostSync(session, tables, scope)
  if (current !== tenantId) throw connectorNotFound(scope.connectorId)
  if (lease) await holdLease(session, tables, lease)
  const outdated = await outdatedMatches(session, context, { scope, matches, assumeNew })
  const groundless = await withoutCause(session, context, { scope, tenantId, deactivations })
  const externalIds = [...new Set([...outdated, ...groundless])]
  if (externalIds.length > 0) return { kind: 'conflict', externalIds }

  await writeMatches(session, context, { scope, matches })
  await recordActions(session, tables, { scope, tenantId, actions })
  await settleActions(session, tables, settled)
  await recordJobs(session, tables, jobs)
  if (triggeredTo !== undefined) {
    await session.run(sql`update ${tables.postSyncScopes}
      set triggered_to = greatest(triggered_to, ${triggeredTo}::bigint) where id = ${scopeId}::int`)
  }
  return { kind: 'committed' }
}

type Deactivation = NewAction & { readonly userId: string }

/** An operator who takes a reactivation back needs no other cause. */
const isDeactivation = (action: NewAction): action is Deactivation =>
  action.kind === 'deactivate' &&
  action.status === 'intended' &&
  action.userId !== undefined &&
  action.undoes === undefined

/**
 * Links are made side by side in all scopes of a tenant; while somebody is being deactivated, none are: the user could
 * be linked elsewhere between the look and the commit. Taken before any scope, so that nobody waits in a circle.
 */
const lockPeople = (
  session: Session,
  { tables }: PeopleContext,
  { tenantId, alone }: Owner & { readonly alone: boolean },
): Promise<unknown> => {
  const key = sql`hashtextextended(${JSON.stringify(['syncline people', tables.schema, tenantId])}, 0)`
  return session.run(
    alone ? sql`select pg_advisory_xact_lock(${key})` : sql`select pg_advisory_xact_lock_shared(${key})`,
  )
}

/** Deactivations that have lost their cause: some resource of the tenant speaks for the user. */
async function withoutCause(
  session: Session,
  { tables }: PeopleContext,
  {
    scope,
    tenantId,
    deactivations,
  }: Owner & { readonly scope: Scope; readonly deactivations: readonly Deactivation[] },
): Promise<readonly string[]> {
  if (deactivations.length === 0) return []
  // A sync that is about to restore a resource is waited for, and the next one waits until this is committed.
  await session.run(sql`select from ${tables.scopes} s where ${ofScope('s', scope)} for share`)
  const { arrays } = session
  const rows = await session.run(sql<{ externalId: string }>`select g.external_id as "externalId"
    from (select external_id, user_id, ${scope.connectorId}::text collate "C" as connector_id,
        ${scope.resourceType}::text collate "C" as resource_type
      from unnest(${arrays.text(deactivations.map(({ externalId }) => externalId))},
        ${arrays.text(deactivations.map(({ userId }) => userId))}) as u(external_id, user_id)) g
    where exists (${liveRow(tables, 'g')})
      or exists (select from ${tables.matches} m where m.user_id = g.user_id
        and exists (${ofTenant(tables, 'm', tenantId)})
        and (m.connector_id <> g.connector_id or m.resource_type <> g.resource_type or exists (${liveRow(tables, 'm')}))
        offset 0)`)
  return rows.map(({ externalId }) => externalId)
}
