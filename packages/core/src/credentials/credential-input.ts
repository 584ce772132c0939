import { z } from 'zod'
import { SyncError } from '../errors.ts'
import type { CredentialId, CredentialValues } from '../model/credential.ts'

const maxBytes = 65_536
const maxValues = 32
const namePattern = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/

const valuesSchema = z.object({
  values: z
    .record(z.string().regex(namePattern), z.string().min(1))
    .refine((values) => Object.keys(values).length > 0, 'at least one value is needed')
    .refine((values) => Object.keys(values).length <= maxValues, `at most ${maxValues} values`)
    .refine(
      (values) => Buffer.byteLength(JSON.stringify(values)) <= maxBytes,
      `at most ${maxBytes} bytes of JSON`,
    ),
  expiresAt: z.date().optional(),
})

const idText = z
  .string()
  .min(1)
  .max(255)
  .refine((text) => text.isWellFormed() && !text.includes('\0'), 'must be Unicode text without U+0000')
const idSchema = z.object({ tenantId: idText, ref: idText })

/** Values as they may be stored. The problems name fields, never what is in them. @throws CREDENTIAL_INVALID */
export const parseCredentialValues = (id: CredentialId, input: unknown): CredentialValues =>
  parse(valuesSchema, input, `Credential "${id.ref}" of tenant "${id.tenantId}"`)

/** @throws CREDENTIAL_INVALID */
export const parseCredentialId = (id: unknown): CredentialId => parse(idSchema, id, 'Credential')

function parse<Value>(schema: z.ZodType<Value>, input: unknown, what: string): Value {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  // A name that is none may be a value that was put in the wrong place.
  const shown = (part: PropertyKey): string => (namePattern.test(String(part)) ? String(part) : '?')
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.map(shown).join('.') || 'input'}: ${message}`,
  )
  throw new SyncError('CREDENTIAL_INVALID', `${what}: ${problems.join('; ')}`, { details: { problems } })
}
