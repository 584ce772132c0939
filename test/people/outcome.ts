import type { JsonValue, Match, Syncline, WorkflowJobPayload } from '@syncline/core'
import type { Database } from '../../test-support/server-database.ts'
import type { HostKind } from './host-kinds.ts'
import { staff } from './staff.ts'

type Query = Database['query']
type Row = Readonly<Record<string, unknown>>
/** A row of a host's table, as JSON. */
type HostRow = Readonly<Record<string, JsonValue>>

/** Everything that came of a post-sync, without ids and times that differ from one time to the next. */
export interface Outcome {
  readonly rows: readonly unknown[]
  readonly users: readonly string[]
  readonly profiles: readonly string[]
  /** Writes of users and profiles since the scene was set, each time one was written. */
  readonly written: readonly string[]
  /** What the watch found wrong. */
  readonly wrong: readonly unknown[]
  /** The journal's actions that were done. */
  readonly done: readonly string[]
  /** Actions that nobody settled. */
  readonly open: number
  /** Each job by what is in it, and how many keys it was delivered under. */
  readonly jobs: readonly string[]
  /** Jobs that were recorded and never delivered, and deliveries of what was never recorded. */
  readonly lost: readonly string[]
}

export async function readOutcome(
  database: Pick<Database, 'query'>,
  host: HostKind,
  syncline: Syncline,
): Promise<Outcome> {
  const query: Query = (text, values) => database.query(text, values)
  const nameOf = await readNames(query, host)
  const { data } = await syncline.matches.list({ ...staff, pageSize: 2_000 })
  const actions = await syncline.postSync.actions({ ...staff, limit: 10_000 })
  const journal = actions.filter(({ runId }) => runId !== undefined)
  return {
    rows: data.map((match) => rowOf(match, nameOf)),
    users: await readUsers(query, host),
    profiles: await readProfiles(query, host, nameOf),
    written: await readWritten(query, host, nameOf),
    wrong: (await query('select what, who from watch.wrong order by ordinal')).rows,
    done: journal
      .filter(({ status }) => status === 'done')
      .map(({ kind, externalId, userId, after }) =>
        JSON.stringify([kind, externalId, nameOf(userId), after.status]),
      )
      .toSorted(),
    open: actions.filter(({ status }) => status === 'intended').length,
    ...(await readJobs(query, nameOf)),
  }
}

type NameOf = (userId: string | undefined) => string | undefined

/** Users are told apart by their address: ids of those that were made are new each time. */
async function readNames(query: Query, { written }: HostKind): Promise<NameOf> {
  const { rows } = await query(
    `select "${written.id}"::text as id, lower("${written.email}") as name from ${written.users}`,
  )
  const names = new Map(rows.map(({ id, name }: Row) => [String(id), String(name)]))
  return (userId) => (userId === undefined ? undefined : (names.get(userId) ?? `nobody ${userId}`))
}

function rowOf(match: Match, nameOf: NameOf): unknown {
  const { externalId, externalDisplayName, externalEmail, matchStatus, matchConfidence, matchStrategy } =
    match
  return {
    externalId,
    externalDisplayName,
    externalEmail,
    matchStatus,
    matchConfidence,
    matchStrategy,
    evidence: match.evidence,
    problem: match.problem && { ...match.problem, userId: nameOf(match.problem.userId) },
    user: nameOf(match.userId),
    candidates: match.candidateUserIds?.map(({ userId }) => nameOf(userId)).toSorted(),
    resolvedBy: match.resolvedBy,
  }
}

async function readUsers(query: Query, { written }: HostKind): Promise<readonly string[]> {
  const { rows } = await query(
    `select "${written.email}" || ' ' || "${written.status}"::text as one from ${written.users} order by 1`,
  )
  return rows.map(({ one }: Row) => String(one))
}

async function readProfiles(query: Query, host: HostKind, nameOf: NameOf): Promise<readonly string[]> {
  const { rows } = await query(`select to_jsonb(p) as profile from ${host.written.profiles} p`)
  return rows.map(({ profile }: { profile: HostRow }) => showProfile(profile, host, nameOf)).toSorted()
}

const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '')

const showProfile = (profile: HostRow, { written }: HostKind, nameOf: NameOf): string => {
  const { [written.profileOf]: userId, updated_at: _, ...content } = profile
  return `${nameOf(textOf(userId))} ${JSON.stringify(content)}`
}

async function readWritten(query: Query, host: HostKind, nameOf: NameOf): Promise<readonly string[]> {
  const { email, status } = host.written
  const { rows } = await query('select what, was, became from watch.written')
  const show = ({ what, was, became }: { what: string; was: HostRow | null; became: HostRow }): string =>
    what === 'user'
      ? `user ${textOf(became[email])}: ${textOf(was?.[status] ?? 'nobody')} → ${textOf(became[status])}`
      : `profile ${was ? showProfile(was, host, nameOf) : 'none'} → ${showProfile(became, host, nameOf)}`
  return rows.map(show).toSorted()
}

async function readJobs(query: Query, nameOf: NameOf): Promise<Pick<Outcome, 'jobs' | 'lost'>> {
  const { rows } = await query('select idempotency_key as key, payload from watch.inbox order by ordinal')
  const keysOf = new Map<string, Set<string>>()
  for (const { key, payload } of rows as { key: string; payload: WorkflowJobPayload }[]) {
    const content = JSON.stringify(withoutStats(payload, nameOf))
    keysOf.set(content, (keysOf.get(content) ?? new Set()).add(key))
  }
  const { rows: lost } =
    await query(`select coalesce(j.idempotency_key, i.key) as key from syncline.workflow_job j
    full join (select distinct idempotency_key as key from watch.inbox) i on i.key = j.idempotency_key
    where j.idempotency_key is null or j.delivered_at is null`)
  return {
    jobs: [...keysOf].map(([content, keys]) => `${keys.size} key: ${content}`).toSorted(),
    lost: lost.map(({ key }: Row) => String(key)),
  }
}

/** The run that ends the work after a crash counts what is left of it only. */
function withoutStats({ records, ...payload }: WorkflowJobPayload, nameOf: NameOf): unknown {
  return {
    ...payload,
    stats: payload.stats && 'counted',
    records: records?.map(({ userId, ...record }) => ({ ...record, user: nameOf(userId) })),
  }
}
