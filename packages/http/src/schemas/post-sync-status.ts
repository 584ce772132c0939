import type { PostSyncSummary } from '@syncline/core'
import { z } from 'zod'
import { publicError } from '../problems/public-error.ts'
import { instant } from './instant.ts'

const count = z.int().min(0)

/** The latest post-sync of a resource type, within its status. */
export const postSyncStatusDocument = z.object({
  runId: z.string(),
  status: z.enum(['running', 'success', 'guarded', 'error']),
  at: instant.meta({ description: 'When it ended, or when it started while it runs.' }),
  retryAt: instant.nullable().meta({ description: 'When a failed one is tried again.' }),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  guard: z
    .object({ linked: count, candidates: count, limit: count, tripped: z.boolean() })
    .nullable()
    .meta({ description: 'What the deactivation guard found.' }),
  linksLost: count.meta({ description: 'Live resources that lost the link to their user.' }),
  awaitsOperator: z
    .array(z.enum(['approve_deactivations', 'resolve_links']))
    .meta({ description: 'What only an operator can do.' }),
})

export const toPostSyncStatus = (summary: PostSyncSummary): z.input<typeof postSyncStatusDocument> => ({
  runId: summary.runId,
  status: summary.status,
  at: (summary.finishedAt ?? summary.startedAt).toISOString(),
  retryAt: summary.retryAt?.toISOString() ?? null,
  error: summary.error ? publicError(summary.error) : null,
  guard: summary.guard ?? null,
  linksLost: summary.linksLost,
  awaitsOperator: [...summary.awaitsOperator],
})
