import { z } from 'zod'
import { SyncError } from '../errors.ts'
import { classifyAnswer, failureSchema } from './classify-error.ts'

/** A page as it came in: the records are still anything. */
export interface RawPage {
  readonly records: readonly unknown[]
  readonly nextCursor: string | undefined
  readonly totalEstimate: number | undefined
}

const cursor = z.string().min(1).max(65_536)

const answerSchema = z.discriminatedUnion('success', [
  z.object({
    success: z.literal(true),
    payload: z.object({
      resources: z.array(z.unknown()),
      // Many APIs say null or '' where they mean none.
      nextCursor: z
        .union([cursor, z.literal('').transform(() => undefined), z.null().transform(() => undefined)])
        .optional(),
      totalEstimate: z.number().int().nonnegative().nullish(),
    }),
  }),
  failureSchema,
])

/**
 * Reads a connector's answer.
 * @throws CONNECTOR_ANSWER_INVALID when it has another shape or more records than a page may have; the connector's own error when it reports one
 */
export function parseListAnswer(
  command: string,
  answer: unknown,
  maxRecords = Number.POSITIVE_INFINITY,
): RawPage {
  refuseLargePage(command, answer, maxRecords)
  const parsed = answerSchema.safeParse(answer)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${issue.path.join('.') || 'answer'}: ${issue.message}`,
    )
    throw new SyncError(
      'CONNECTOR_ANSWER_INVALID',
      `${command} must answer { success: true, payload: { resources, nextCursor? } } or { success: false, error }: ${problems.join('; ')}`,
      { details: { command, problems } },
    )
  }
  if (!parsed.data.success) throw classifyAnswer(parsed.data.error)
  const { resources, nextCursor, totalEstimate } = parsed.data.payload
  return { records: resources, nextCursor, totalEstimate: totalEstimate ?? undefined }
}

/** Looked at before anything walks through the records: they may be millions. */
function refuseLargePage(command: string, answer: unknown, maxRecords: number): void {
  const { payload } = (answer ?? {}) as { readonly payload?: { readonly resources?: unknown } | null }
  const resources = payload?.resources
  if (!Array.isArray(resources) || resources.length <= maxRecords) return
  const received = resources.length
  throw new SyncError(
    'CONNECTOR_ANSWER_INVALID',
    `${command} answered a page of ${received} records, at most ${maxRecords} are taken; ask upstream for smaller pages, or raise limits.maxPageRecords`,
    { details: { command, received, maxPageRecords: maxRecords } },
  )
}

const leastMaxRecords = 10_000
const pagesPerPage = 10

/** The most records of one page. */
export const maxRecordsOf = (limit: number | undefined, pageSize: number): number =>
  limit ?? Math.max(pagesPerPage * pageSize, leastMaxRecords)
