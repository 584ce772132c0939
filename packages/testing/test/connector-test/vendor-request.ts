import { type Clock, isSyncError, parseRetryAfter, SyncError } from '@syncline/core'

export interface VendorRequest {
  readonly url: URL
  readonly method?: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal | undefined
  readonly clock: Clock
  /** What mistakes change. */
  readonly redirect?: 'manual' | 'follow'
  readonly quote?: string
  readonly quotesBody?: boolean
}

export interface VendorAnswer {
  readonly headers: Headers
  readonly json: unknown
}

/** One request of a test connector, with every failure classified. */
export async function requestVendor(request: VendorRequest): Promise<VendorAnswer> {
  const { url, method = 'GET', headers, body, signal, redirect = 'manual' } = request
  const response = await fetch(url, {
    method,
    headers,
    redirect,
    ...(body !== undefined && { body }),
    ...(signal && { signal }),
  })
  if (response.status !== 200) {
    const said = request.quotesBody ? `: ${await response.text()}` : ''
    await response.body?.cancel().catch(() => undefined)
    throw refusal(request, response, said)
  }
  const type = response.headers.get('content-type') ?? ''
  if (!type.startsWith('application/json')) throw invalid(url, `content of type ${type}`)
  try {
    return { headers: response.headers, json: JSON.parse(await response.text()) }
  } catch (error) {
    if (error instanceof SyntaxError || isUnpackError(error)) throw invalid(url, 'a body that is no JSON')
    throw error
  }
}

function refusal(request: VendorRequest, { status, headers }: Response, said: string): SyncError {
  const { url, clock, quote = '' } = request
  const message = `${url.pathname} answered ${status}${quote}${said}`
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'), clock.now())
  if (status === 429) return new SyncError('RATE_LIMITED', message, { ...(retryAfterMs && { retryAfterMs }) })
  if (status === 401) return new SyncError('UNAUTHORIZED', message)
  if (status === 410) return new SyncError('DELTA_EXPIRED', message)
  if (status >= 500) return new SyncError('UPSTREAM_UNAVAILABLE', message)
  if (status === 204) return new SyncError('CONNECTOR_ANSWER_INVALID', message)
  return new SyncError('UPSTREAM_REJECTED', message)
}

export const invalid = ({ pathname }: URL, what: string): SyncError =>
  new SyncError('CONNECTOR_ANSWER_INVALID', `${pathname} answered ${what}`)

const isUnpackError = (error: unknown): boolean =>
  error instanceof Error &&
  !isSyncError(error) &&
  error.cause instanceof Error &&
  'code' in error.cause &&
  error.cause.code === 'Z_DATA_ERROR'
