import type { ErrorRule, HttpResponse } from '@syncline/connector-http'
import { SyncError } from '@syncline/core'
import { isObject, readMember } from './read-member.ts'

/** What a server says about a request it refused (RFC 7644, section 3.12). */
interface Refusal {
  readonly status: number
  /** `invalidFilter`, `tooMany`, `expiredCursor` … */
  readonly scimType: string | undefined
  readonly detail: string | undefined
}

const refusals = [400, 403, 404, 413, 501]

/**
 * Lets a SCIM error through to `refusalError`, which says more than a status. What asks to wait stays a throttle.
 */
export const refusalRule: ErrorRule = {
  status: refusals,
  when: (response) => response.header('retry-after') === undefined && readRefusal(response) !== undefined,
  action: 'accept',
}

/** Undefined when the answer is good, or no SCIM error. */
export function readRefusal({ status, body }: HttpResponse): Refusal | undefined {
  if (!refusals.includes(status) || !isObject(body)) return undefined
  const scimType = readMember(body, 'scimType')
  const detail = readMember(body, 'detail')
  if (typeof scimType !== 'string' && typeof detail !== 'string') return undefined
  return { status, scimType: shortText(scimType), detail: shortText(detail) }
}

const cursorErrors = ['expiredcursor', 'invalidcursor']

/** The error of a refused request. A cursor that is no longer known begins the listing anew. */
export function refusalError(endpoint: string, { status, scimType, detail }: Refusal): SyncError {
  const lost = cursorErrors.includes(scimType?.toLowerCase() ?? '')
  const what = [scimType, detail].filter((part) => part !== undefined).join(': ')
  return new SyncError(
    lost ? 'DELTA_EXPIRED' : 'UPSTREAM_REJECTED',
    `${endpoint} answered ${status}, ${what}`,
    {
      details: {
        status,
        failureType: lost ? 'system' : 'config',
        ...(scimType === undefined ? {} : { scimType }),
      },
    },
  )
}

/** Text for people, by a stranger: one line of it. */
const shortText = (text: unknown): string | undefined =>
  typeof text === 'string'
    ? text
        .slice(0, 2_000)
        .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
        .trim()
        .slice(0, 200)
    : undefined
