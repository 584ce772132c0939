import { z } from 'zod'
import { SyncError } from '../errors.ts'
import { writeCanonical } from '../hashing/canonical-json.ts'
import { CanonicalProblem } from '../hashing/canonical-problem.ts'
import { isPlainObject } from '../hashing/plain-object.ts'
import type { JsonObject } from '../model/json.ts'
import { type ResourceEvent, webhookActions } from '../model/webhook.ts'

const text = z.string().min(1).max(510)

const firstInstant = Date.parse('0001-01-01T00:00:00Z')
const lastInstant = Date.parse('9999-12-31T23:59:59.999Z')
const yearsProblem = 'is not an instant of the years 1 to 9999 in UTC'

/** An offset may move an instant into a year that stores and ISO 8601 write differently. */
function isWithinYears(instant: string): boolean {
  const at = Date.parse(instant)
  return at >= firstInstant && at <= lastInstant
}

/** The body of a webhook about a resource, and what a connector's own verifier may answer instead of it. */
export const resourceEventSchema = z.strictObject({
  action: z.enum(webhookActions),
  resourceType: z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/),
  resourceId: text,
  data: z
    .strictObject({
      displayName: z.string().optional(),
      email: z.string().nullable().optional(),
      attributes: z.record(z.string(), z.unknown()).optional(),
      parent: z.strictObject({ resourceType: text, externalId: text }).nullable().optional(),
    })
    .optional(),
  occurredAt: z.iso.datetime({ offset: true }).refine(isWithinYears, yearsProblem).optional(),
  version: z.int().nonnegative().optional(),
})

/** What a body says: something about a resource, or something for the host. */
export type ParsedBody =
  | { readonly about: 'resource'; readonly event: ResourceEvent }
  | { readonly about: 'host'; readonly payload: JsonObject }

/**
 * Reads the body of a verified webhook: a JSON object in UTF-8, at most 64 levels deep. One that names no
 * `resourceType` is the host's, whatever else it holds.
 * @throws WEBHOOK_INVALID
 */
export function parseBody(body: Uint8Array): ParsedBody {
  const payload = readObject(body)
  if (!Object.hasOwn(payload, 'resourceType')) return { about: 'host', payload }
  return { about: 'resource', event: parseEvent(payload) }
}

const maxProblems = 5
const maxNames = 5

/** @throws WEBHOOK_INVALID; its message names fields, never their values */
export function parseEvent(value: unknown): ResourceEvent {
  const parsed = resourceEventSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.slice(0, maxProblems).map(describe)
  throw webhookInvalid(`The event has the wrong shape: ${problems.join('; ')}`, 'SHAPE')
}

function describe(issue: z.core.$ZodIssue): string {
  const path = issue.path.map((name) => shown(String(name))).join('.') || 'body'
  if (issue.code === 'custom') return `${path}: ${issue.message}`
  if (issue.code !== 'unrecognized_keys') return `${path}: ${issue.code}`
  const names = issue.keys.slice(0, maxNames).map((name) => JSON.stringify(shown(name)))
  const more = issue.keys.length - names.length
  return `${path}: unknown field ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}; remove it`
}

const shown = (name: string): string => name.slice(0, 60).toWellFormed()

export const webhookInvalid = (message: string, reason: string): SyncError =>
  new SyncError('WEBHOOK_INVALID', message, { details: { reason } })

function readObject(body: Uint8Array): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body))
  } catch {
    // What the parser says quotes the body.
    throw webhookInvalid('The body is not JSON in UTF-8', 'NOT_JSON')
  }
  if (!isPlainObject(value)) throw webhookInvalid('The body is not a JSON object', 'NOT_AN_OBJECT')
  try {
    return JSON.parse(writeCanonical(value, 'body'))
  } catch (error) {
    if (!(error instanceof CanonicalProblem)) throw error
    throw webhookInvalid(`The body cannot be kept (${error.reason})`, error.reason)
  }
}
