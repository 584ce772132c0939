import type {
  Match,
  MatchCandidate,
  MatchConfidence,
  MatchEvidence,
  MatchProblem,
  MatchStatus,
  MatchStrategy,
  ResourceRef,
} from '@syncline/core'
import { matchStrategies } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import { z } from 'zod'
import { documentReader } from '../stored-documents.ts'
import { exactText } from '../values.ts'

/** A match row as the database answers it, but for what it belongs to. */
export interface MatchRow {
  readonly matchId: string
  readonly connectorResourceId: string
  readonly externalDisplayName: string
  readonly externalEmail: string | null
  readonly userId: string | null
  readonly matchStatus: MatchStatus
  readonly matchConfidence: MatchConfidence
  readonly matchStrategy: MatchStrategy | null
  readonly candidates: string | null
  readonly evidence: string
  readonly problem: string | null
  readonly resolutionNotes: string | null
  readonly resolvedBy: string | null
  readonly resolvedMs: number | null
  readonly version: number
  readonly matchCreatedMs: number
  readonly matchUpdatedMs: number
}

/** Columns of a `MatchRow`, of a table called `m`. Names differ from those of a resource: they stand side by side. */
export const matchColumns: RawBuilder<unknown> = sql`m.id::text as "matchId",
  m.connector_resource_id::text as "connectorResourceId",
  '=' || coalesce(m.external_display_name, '') as "externalDisplayName", '=' || m.external_email as "externalEmail",
  '=' || m.user_id as "userId", m.match_status as "matchStatus", m.match_confidence as "matchConfidence",
  m.match_strategy as "matchStrategy", m.candidate_user_ids::text as candidates, m.evidence::text as evidence,
  m.problem::text as problem, '=' || m.resolution_notes as "resolutionNotes", '=' || m.resolved_by as "resolvedBy",
  (extract(epoch from m.resolved_at) * 1000)::float8 as "resolvedMs", m.version,
  (extract(epoch from m.created_at) * 1000)::float8 as "matchCreatedMs",
  (extract(epoch from m.updated_at) * 1000)::float8 as "matchUpdatedMs"`

const strategy = z.enum(matchStrategies)

const evidence: z.ZodType<readonly MatchEvidence[]> = z.array(
  z.object({
    strategy,
    key: z.object({ value: z.string(), issuer: z.string().optional() }).optional(),
    hits: z.number(),
  }),
)

const candidates: z.ZodType<readonly MatchCandidate[]> = z.array(
  z.object({
    userId: z.string(),
    email: z.string().optional(),
    confidence: z.literal('ambiguous'),
    reason: strategy,
  }),
)

const problemCodes = {
  USER_EXISTS: 'USER_EXISTS',
  USER_LINK_LOST: 'USER_LINK_LOST',
} as const satisfies { readonly [Code in MatchProblem['code']]: Code }

const problem: z.ZodType<MatchProblem> = z.object({
  code: z.enum(problemCodes),
  message: z.string(),
  userId: z.string().optional(),
})

const readEvidence = documentReader(evidence)
const readCandidates = documentReader(candidates)
const readProblem = documentReader(problem)

type Mutable<Value> = { -readonly [Field in keyof Value]: Value[Field] }

/** Field by field, since thousands are read at once. */
export function toMatch(row: MatchRow, { connectorId, resourceType, externalId }: ResourceRef): Match {
  const match: Mutable<Match> = {
    matchId: row.matchId,
    connectorId,
    resourceType,
    externalId,
    connectorResourceId: row.connectorResourceId,
    externalDisplayName: exactText(row.externalDisplayName),
    matchStatus: row.matchStatus,
    matchConfidence: row.matchConfidence,
    evidence: readEvidence(row.evidence),
    version: row.version,
    createdAt: new Date(row.matchCreatedMs),
    updatedAt: new Date(row.matchUpdatedMs),
  }
  if (row.externalEmail !== null) match.externalEmail = exactText(row.externalEmail)
  if (row.userId !== null) match.userId = exactText(row.userId)
  if (row.matchStrategy !== null) match.matchStrategy = row.matchStrategy
  if (row.candidates !== null) match.candidateUserIds = readCandidates(row.candidates)
  if (row.problem !== null) match.problem = readProblem(row.problem)
  if (row.resolutionNotes !== null) match.resolutionNotes = exactText(row.resolutionNotes)
  if (row.resolvedBy !== null) match.resolvedBy = exactText(row.resolvedBy)
  if (row.resolvedMs !== null) match.resolvedAt = new Date(row.resolvedMs)
  return match
}
