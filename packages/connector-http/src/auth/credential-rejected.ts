import { z } from 'zod'
import type { ErrorRule } from '../replies/error-rule.ts'

const errorSchema = z.object({ error: z.enum(['invalid_grant', 'invalid_client', 'unauthorized_client']) })

/**
 * A token endpoint's way of saying that these values will never work again (RFC 6749, section 5.2), which some say
 * with a 200. Anything else may pass; so may whatever an endpoint in trouble says.
 */
export const credentialRejected: ErrorRule = {
  when: ({ status, body }) => status < 500 && errorSchema.safeParse(body).success,
  action: 'fail',
  code: 'CREDENTIAL_REJECTED',
  message: 'the token endpoint refuses the credential',
}
