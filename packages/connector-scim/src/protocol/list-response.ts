import { SyncError } from '@syncline/core'
import { readCount, readMember } from './read-member.ts'

/** A page of a listing, as it came (RFC 7644, section 3.4.2; RFC 9865, section 3). */
export interface ListResponse {
  /** Each may be anything. */
  readonly resources: readonly unknown[]
  /** How many there are in all pages; servers with cursors may not say. */
  readonly total: number | undefined
  readonly nextCursor: string | undefined
}

/**
 * Reads a `ListResponse`. Servers leave `Resources` out when there are none, so it may be missing where
 * `totalResults` is there; an answer with neither is none at all, and never an empty page.
 * @throws CONNECTOR_ANSWER_INVALID
 */
export function readListResponse(body: unknown, endpoint: string): ListResponse {
  const listed = readMember(body, 'Resources') ?? undefined
  const total = readCount(body, 'totalResults')
  if (total === undefined && (readMember(body, 'totalResults') ?? undefined) !== undefined) {
    throw invalid(endpoint, 'its totalResults is not a whole number')
  }
  const next = readMember(body, 'nextCursor')
  if (listed !== undefined && !Array.isArray(listed)) throw invalid(endpoint, 'its Resources are no list')
  if (listed === undefined && total === undefined) {
    throw invalid(endpoint, 'it has neither Resources nor totalResults')
  }
  if (typeof next !== 'string' && next !== undefined && next !== null) {
    throw invalid(endpoint, 'its nextCursor is no text')
  }
  return { resources: listed ?? [], total, nextCursor: next || undefined }
}

const invalid = (endpoint: string, why: string): SyncError =>
  new SyncError('CONNECTOR_ANSWER_INVALID', `The answer of ${endpoint} is no SCIM ListResponse: ${why}`, {
    details: { failureType: 'system' },
  })
