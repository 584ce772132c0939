import { z } from 'zod'
import type { Redactor } from '../credentials/redactor.ts'
import { SyncError } from '../errors.ts'
import { refuseSecrets } from '../records/refuse-secrets.ts'
import { type SanitisedRecord, sanitiseRecord } from '../records/sanitise-record.ts'
import { classifyAnswer, failureSchema } from './classify-error.ts'

const answerSchema = z.discriminatedUnion('success', [
  // Present, also when it is null: a record that was forgotten must not read as "there is none".
  z.object({ success: z.literal(true), payload: z.unknown().refine((payload) => payload !== undefined) }),
  failureSchema,
])

/**
 * Reads a connector's answer to a question for one resource.
 * @throws CONNECTOR_ANSWER_INVALID when it has another shape or is about another resource; RECORD_INVALID when its
 * record could not be kept either; the connector's own error when it reports one
 */
export function parseGetAnswer(
  answer: unknown,
  asked: { readonly externalId: string; readonly redactor: Redactor },
): SanitisedRecord | null {
  const { externalId, redactor } = asked
  const parsed = answerSchema.safeParse(answer)
  if (!parsed.success) {
    throw new SyncError(
      'CONNECTOR_ANSWER_INVALID',
      'get must answer { success: true, payload: a record or null } or { success: false, error }',
    )
  }
  if (!parsed.data.success) throw classifyAnswer(parsed.data.error)
  const { payload } = parsed.data
  if (payload === null) return null
  const record = refuseSecrets(sanitiseRecord(payload, 0), 0, redactor.finds)
  if ('reason' in record) {
    const { reason, detail } = record
    throw new SyncError(
      'RECORD_INVALID',
      `The record that get answered cannot be kept (${reason}): ${detail}`,
      {
        details: { reason },
      },
    )
  }
  if (record.externalId === externalId) return record
  throw new SyncError('CONNECTOR_ANSWER_INVALID', 'get answered the record of another resource', {
    details: { externalId },
  })
}
