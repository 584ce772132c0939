import { isSyncError, parseRetryAfter, SyncError } from '@syncline/core'

export interface JsonRequest {
  readonly baseUrl: string
  readonly token?: string | undefined
  readonly timeoutMs: number
  /** Relative to the base URL. */
  readonly path: string
  readonly query: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal | undefined
}

/** Unpacked; more than this is no page but an attack or a mistake. */
const maxBodyBytes = 64 * 1024 * 1024

/**
 * One GET that must answer 200 with JSON.
 * @throws RATE_LIMITED, UPSTREAM_UNAVAILABLE, UPSTREAM_TIMEOUT, UNAUTHORIZED, UPSTREAM_REJECTED, DELTA_EXPIRED,
 * CONNECTOR_ANSWER_INVALID; the signal's reason once it aborts
 */
export async function requestJson(request: JsonRequest): Promise<unknown> {
  const deadline = AbortSignal.timeout(request.timeoutMs)
  const { path, token, signal = deadline } = request
  try {
    const response = await fetch(urlOf(request), {
      headers: { accept: 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      // The token must not follow to another address.
      redirect: 'manual',
      signal: AbortSignal.any([signal, deadline]),
    })
    if (response.status !== 200) throw await refusal(response, path)
    return parseJson(response, path, await readText(response, path))
  } catch (error) {
    request.signal?.throwIfAborted()
    if (isSyncError(error)) throw error
    if (deadline.aborted) {
      throw new SyncError('UPSTREAM_TIMEOUT', `/${path} was not answered within ${request.timeoutMs} ms`, {
        cause: error,
      })
    }
    if (failedToUnpack(error)) throw invalid(path, 'the body cannot be unpacked', error)
    throw new SyncError('UPSTREAM_UNAVAILABLE', `/${path} could not be read: ${describe(error)}`, {
      cause: error,
    })
  }
}

function urlOf({ baseUrl, path, query }: JsonRequest): URL {
  const url = new URL(path, baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`)
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, value)
  }
  return url
}

async function refusal(response: Response, path: string): Promise<SyncError> {
  const { status } = response
  const message = `/${path} answered ${status}`
  if (status === 410 && (await readText(response, path)).includes('delta_expired')) {
    return new SyncError('DELTA_EXPIRED', `${message}: changes since then are no longer known`)
  }
  // Unread bodies keep their connection busy.
  await response.body?.cancel()
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), upstreamNow(response))
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
  if (status === 429) return new SyncError('RATE_LIMITED', message, wait)
  if (status === 401) return new SyncError('UNAUTHORIZED', message)
  if (status === 408) return new SyncError('UPSTREAM_TIMEOUT', message, wait)
  if (status >= 500) return new SyncError('UPSTREAM_UNAVAILABLE', message, wait)
  if (status >= 300) return new SyncError('UPSTREAM_REJECTED', message)
  return invalid(path, `status ${status}`)
}

/** Upstream's own clock, so that a wait until a date does not depend on how far ours is off. */
function upstreamNow(response: Response): Date {
  const date = new Date(response.headers.get('date') ?? '')
  return Number.isNaN(date.getTime()) ? new Date() : date
}

async function readText(response: Response, path: string): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > maxBodyBytes) throw invalid(path, `more than ${maxBodyBytes} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function parseJson(response: Response, path: string, text: string): unknown {
  const contentType = response.headers.get('content-type') ?? 'nothing'
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(contentType)) throw invalid(path, contentType)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw invalid(path, 'text that is no JSON', error)
  }
}

const invalid = (path: string, what: string, cause?: unknown): SyncError =>
  new SyncError('CONNECTOR_ANSWER_INVALID', `/${path} answered with ${what}`, { cause })

/** zlib's own codes; fetch wraps them. */
function failedToUnpack(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return [error, cause].some(
    (each) => each instanceof Error && 'code' in each && each.code === 'Z_DATA_ERROR',
  )
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
