import { z } from 'zod'
import { SyncError } from '../errors.ts'
import type { CredentialId, CredentialValues } from '../model/credential.ts'

const maxBytes = 65_536
const maxValues = 32
const namePattern = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/

const firstInstantMs = Date.parse('0001-01-01T00:00:00.000Z')
const lastInstantMs = Date.parse('9999-12-31T23:59:59.999Z')

/** An instant that every store can hold. */
const isStorable = (instant: Date): boolean =>
  instant.getTime() >= firstInstantMs && instant.getTime() <= lastInstantMs

const valuesSchema = z.object({
  values: z
    .record(z.string().regex(namePattern), z.string().min(1))
    .refine((values) => Object.keys(values).length > 0, 'at least one value is needed')
    .refine((values) => Object.keys(values).length <= maxValues, `at most ${maxValues} values`)
    .refine(
      (values) => Buffer.byteLength(JSON.stringify(values)) <= maxBytes,
      `at most ${maxBytes} bytes of JSON`,
    ),
  expiresAt: z.date().refine(isStorable, 'must be an instant of the years 1 to 9999').optional(),
})

/** An id or name that every store keeps as it is: two that differ never become one. */
export const idText = z
  .string()
  .min(1)
  .max(255)
  .refine((text) => text.isWellFormed() && !text.includes('\0'), 'must be Unicode text without U+0000')
const idSchema = z.object({ tenantId: idText, ref: idText })

/** Values as they may be stored. The problems name fields, never what is in them. @throws CREDENTIAL_INVALID */
export const parseCredentialValues = (id: CredentialId, input: unknown): CredentialValues =>
  parse(valuesSchema, input, `Credential "${id.ref}" of tenant "${id.tenantId}"`)

const exchangedSchema = z.object({ values: z.unknown(), expiresAt: z.unknown() }).partial()

/**
 * Values that upstream has exchanged: they may not be had again, so nothing odd beside them makes them be lost. An
 * expiry that no instant can be is unknown, and values that cannot be stored, such as an empty text, are left out.
 * @throws CREDENTIAL_INVALID when no usable value is left
 */
export function parseExchangedValues(id: CredentialId, input: unknown): CredentialValues {
  const { values, expiresAt } = exchangedSchema.catch({}).parse(input)
  const usable = Object.entries(isObject(values) ? values : {}).filter(
    ([name, value]) => namePattern.test(name) && typeof value === 'string' && value !== '',
  )
  const known = expiresAt instanceof Date && isStorable(expiresAt)
  return parseCredentialValues(id, { values: Object.fromEntries(usable), ...(known && { expiresAt }) })
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

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
