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
 * @throws CONNECTOR_ANSWER_INVALID when it has another shape; the connector's own error when it reports one
 */
export function parseListAnswer(command: string, answer: unknown): RawPage {
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
