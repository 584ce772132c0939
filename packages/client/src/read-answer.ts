import { SynclineApiError } from './api-error.ts'

/** An answer that was read to its end. */
export interface ApiAnswer<Body> {
  readonly status: number
  readonly headers: Headers
  /** Parsed JSON; undefined when there is none. */
  readonly body: Body
  readonly requestId: string | undefined
}

/** @throws SynclineApiError `UNEXPECTED_ANSWER` for what is no JSON: a page of a proxy, or of a wrong address */
export async function readAnswer<Body>(operation: string, response: Response): Promise<ApiAnswer<Body>> {
  const { status, headers } = response
  const text = await response.text()
  if (text !== '' && !isJson(headers))
    throw unexpected(operation, response, { detail: 'The answer is no JSON' })
  const body = text === '' ? undefined : parseJson(operation, response, text)
  return { status, headers, body, requestId: requestIdOf(response) }
}

/** The problem (RFC 9457) that an answer above 299 tells. */
export async function readProblem(
  operation: string,
  response: Response,
  now: Date,
): Promise<SynclineApiError> {
  const text = await response.text()
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), now)
  const problem: unknown = isJson(response.headers) ? parseJson(operation, response, text) : undefined
  if (!isProblem(problem)) {
    const detail = `Answered ${response.status}, and no problem document`
    return unexpected(operation, response, { detail, retryAfterMs })
  }
  const { code, detail, runId, reason, errors } = problem
  return new SynclineApiError({
    operation,
    code,
    detail,
    runId,
    reason,
    errors,
    status: response.status,
    requestId: requestIdOf(response),
    retryAfterMs,
  })
}

/** What answered is not the API. */
export const unexpected = (
  operation: string,
  response: Response,
  why: { readonly detail: string; readonly retryAfterMs?: number | undefined },
): SynclineApiError =>
  new SynclineApiError({
    operation,
    code: 'UNEXPECTED_ANSWER',
    ...why,
    status: response.status,
    requestId: requestIdOf(response),
  })

/** Seconds, or a date (RFC 9110 §10.2.3), as milliseconds from now. */
function parseRetryAfter(value: string | null, now: Date): number | undefined {
  if (value === null) return undefined
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime())
}

type Problem = Pick<SynclineApiError, 'code' | 'detail' | 'runId' | 'reason' | 'errors'>

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' &&
  value !== null &&
  'code' in value &&
  typeof value.code === 'string' &&
  'detail' in value &&
  typeof value.detail === 'string'

const isJson = (headers: Headers): boolean =>
  /^application\/(?:problem\+)?json\b/.test(headers.get('content-type') ?? '')

const requestIdOf = ({ headers }: Response): string | undefined => headers.get('x-request-id') ?? undefined

function parseJson(operation: string, response: Response, text: string): ReturnType<typeof JSON.parse> {
  try {
    return JSON.parse(text)
  } catch {
    throw unexpected(operation, response, { detail: 'The answer is no JSON' })
  }
}
