import { z } from 'zod'
import { isMessageId } from './verify-signature.ts'

const verdictSchema = z.discriminatedUnion('verified', [
  z.object({
    verified: z.literal(true),
    messageId: z.string().refine(isMessageId),
    event: z.unknown().optional(),
  }),
  z.object({ verified: z.literal(false), reason: z.string() }),
])

/** A verdict as a connector type gave it: what its event is worth is still to be seen. */
export type GivenVerdict = z.output<typeof verdictSchema>

/** Reads what a connector type's own `verifyWebhook` answered. What is no verdict has verified nothing. */
export function parseVerdict(answer: unknown): GivenVerdict {
  const parsed = verdictSchema.safeParse(answer)
  return parsed.success
    ? parsed.data
    : { verified: false, reason: 'the connector type answered no verdict, or no message id' }
}
