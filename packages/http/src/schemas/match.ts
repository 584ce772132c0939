import { type Match, matchStatuses, matchStrategies } from '@syncline/core'
import { z } from 'zod'
import { instant } from './instant.ts'

const candidate = z
  .object({
    userId: z.string(),
    email: z.string().nullable(),
    confidence: z.literal('ambiguous'),
    reason: z.enum(matchStrategies).meta({ description: 'The strategy that found the user.' }),
  })
  .meta({ id: 'MatchCandidate' })

/** A match row as it is answered. */
export const matchDocument = z
  .object({
    id: z.string(),
    connectorId: z.string(),
    resourceType: z.string(),
    connectorResourceId: z.string(),
    externalId: z.string(),
    externalDisplayName: z.string(),
    externalEmail: z.string().nullable(),
    userId: z
      .string()
      .nullable()
      .meta({ description: 'The linked user; null unless matched or linked by hand.' }),
    matchStatus: z.enum(matchStatuses),
    matchConfidence: z.enum(['exact', 'probable', 'ambiguous', 'none']),
    matchStrategy: z.enum(matchStrategies).nullable(),
    candidateUserIds: z.array(candidate).nullable().meta({ description: 'For `ambiguous` only; else null.' }),
    resolutionNotes: z.string().nullable(),
    resolvedBy: z.string().nullable(),
    resolvedAt: instant.nullable(),
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({ id: 'SyncMatch', description: 'The link between an upstream person and a user of the host.' })

export const toMatchDocument = (match: Match): z.input<typeof matchDocument> => ({
  id: match.matchId,
  connectorId: match.connectorId,
  resourceType: match.resourceType,
  connectorResourceId: match.connectorResourceId,
  externalId: match.externalId,
  externalDisplayName: match.externalDisplayName,
  externalEmail: match.externalEmail ?? null,
  userId: match.userId ?? null,
  matchStatus: match.matchStatus,
  matchConfidence: match.matchConfidence,
  matchStrategy: match.matchStrategy ?? null,
  candidateUserIds:
    match.candidateUserIds?.map(({ userId, email, confidence, reason }) => ({
      userId,
      email: email ?? null,
      confidence,
      reason,
    })) ?? null,
  resolutionNotes: match.resolutionNotes ?? null,
  resolvedBy: match.resolvedBy ?? null,
  resolvedAt: match.resolvedAt?.toISOString() ?? null,
  createdAt: match.createdAt.toISOString(),
  updatedAt: match.updatedAt.toISOString(),
})

const count = z.int().min(0)

/** How many rows there are of each status. */
export const matchStatsDocument = z
  .object({
    matched: count,
    unmatched: count,
    ambiguous: count,
    skipped: count,
    manual_override: count,
    create_pending: count,
  })
  .meta({ id: 'SyncMatchStats' })
