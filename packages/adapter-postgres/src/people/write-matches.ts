import type { MatchWrite, Scope } from '@syncline/core'
import { sql } from 'kysely'
import { optionalText } from '../arrays.ts'
import type { Session } from '../database.ts'
import { writeDocument } from '../stored-documents.ts'
import { possibleInstant } from '../values.ts'
import { canBeCopied, copyMatchesStatement, encodeMatches } from './copy-matches.ts'
import type { PeopleContext } from './people-context.ts'

/**
 * Match rows whose versions are not the ones the writes were decided on. The scope is locked: what is equal now is
 * still equal when it is written.
 */
export async function outdatedMatches(
  session: Session,
  { tables }: Pick<PeopleContext, 'tables'>,
  {
    scope,
    matches,
    assumeNew,
  }: {
    readonly scope: Scope
    readonly matches: readonly MatchWrite[]
    /** Rows that are to be new are not asked for: should one be there, writing it fails. */
    readonly assumeNew: boolean
  },
): Promise<readonly string[]> {
  const asked = assumeNew ? matches.filter(({ version }) => version > 0) : matches
  if (asked.length === 0) return []
  const { arrays } = session
  const rows = await session.runPrepared(sql<{ externalId: string }>`select g.external_id as "externalId"
    from unnest(${arrays.text(asked.map(({ externalId }) => externalId))},
      ${arrays.text(asked.map(({ version }) => String(version)))}) as g(external_id, version)
    left join lateral (select x.version from ${tables.matches} x
      where x.connector_id = ${scope.connectorId} and x.resource_type = ${scope.resourceType}
        and x.external_id = g.external_id limit 1) m on true
    where coalesce(m.version, 0) <> g.version::int`)
  return rows.map(({ externalId }) => externalId)
}

/** Writes rows. New ones are known to be new, and asking costs a fifth; many of them are copied. */
export async function writeMatches(
  session: Session,
  context: Pick<PeopleContext, 'tables' | 'createId' | 'sizes'>,
  { scope, matches }: { readonly scope: Scope; readonly matches: readonly MatchWrite[] },
): Promise<void> {
  const { tables, createId, sizes } = context
  const created = matches.filter(({ version }) => version === 0)
  const replaced = matches.filter(({ version }) => version > 0)
  if (replaced.length > 0) await insertMatches(session, context, { scope, matches: replaced })
  if (created.length === 0) return
  if (session.copies && created.length >= sizes.leastRowsToCopy && created.every(canBeCopied)) {
    const pieces = encodeMatches(scope, { writes: created, createId })
    await session.dispatch({ copy: { statement: copyMatchesStatement(tables), pieces } })
  } else {
    await insertMatches(session, context, { scope, matches: created })
  }
}

/** One statement for rows that are all new, or all there. */
async function insertMatches(
  session: Session,
  { tables, createId }: Pick<PeopleContext, 'tables' | 'createId'>,
  { scope, matches }: { readonly scope: Scope; readonly matches: readonly MatchWrite[] },
): Promise<void> {
  await session.runPrepared(sql`insert into ${tables.matches} as kept (id, connector_id, resource_type,
      external_id, connector_resource_id, external_display_name, external_email, user_id, match_status,
      match_confidence, match_strategy, candidate_user_ids, evidence, problem, resolution_notes, resolved_by,
      resolved_at, version, created_at, updated_at)
    select g.id, ${scope.connectorId}, ${scope.resourceType}, g.external_id, g.resource_id, g.display_name, g.email,
      g.user_id, g.status, g.confidence, g.strategy, g.candidates::json, g.evidence::json, g.problem::json, g.notes,
      g.resolved_by, case when g.resolved_at = 'now' then statement_timestamp() else g.resolved_at::timestamptz end,
      1, statement_timestamp(), statement_timestamp()
    from ${given(session, matches, createId)} ${matches.some(({ version }) => version > 0) ? replacement : sql``}`)
}

const replacement = sql`on conflict (connector_id, resource_type, external_id) do update set
  connector_resource_id = excluded.connector_resource_id, external_display_name = excluded.external_display_name,
  external_email = excluded.external_email, user_id = excluded.user_id, match_status = excluded.match_status,
  match_confidence = excluded.match_confidence, match_strategy = excluded.match_strategy,
  candidate_user_ids = excluded.candidate_user_ids, evidence = excluded.evidence, problem = excluded.problem,
  resolution_notes = excluded.resolution_notes, resolved_by = excluded.resolved_by,
  resolved_at = excluded.resolved_at, version = kept.version + 1, updated_at = excluded.updated_at`

/** Writes as a table made of arrays. */
function given({ arrays }: Session, writes: readonly MatchWrite[], createId: () => string) {
  const text = (field: (write: MatchWrite) => string | null | undefined) =>
    optionalText(
      arrays,
      writes.map((write) => field(write) ?? null),
    )
  return sql`unnest(${arrays.uuid(writes.map(() => createId()))},
    ${text(({ externalId }) => externalId)},
    ${arrays.uuid(writes.map(({ connectorResourceId }) => connectorResourceId))},
    ${text(({ externalDisplayName }) => externalDisplayName)}, ${text(({ externalEmail }) => externalEmail)},
    ${text(({ userId }) => userId)}, ${text(({ matchStatus }) => matchStatus)},
    ${text(({ matchConfidence }) => matchConfidence)}, ${text(({ matchStrategy }) => matchStrategy)},
    ${text(({ candidateUserIds }) => writeDocument(candidateUserIds))},
    ${text(({ evidence }) => writeDocument(evidence))}, ${text(({ problem }) => writeDocument(problem))},
    ${text(({ resolutionNotes }) => resolutionNotes)}, ${text(({ resolvedBy }) => resolvedBy)},
    ${text(({ resolvedAt }) => (resolvedAt instanceof Date ? possibleInstant(resolvedAt)?.toISOString() : resolvedAt))}
  ) as g(id, external_id, resource_id, display_name, email, user_id, status, confidence, strategy, candidates,
    evidence, problem, notes, resolved_by, resolved_at)`
}
