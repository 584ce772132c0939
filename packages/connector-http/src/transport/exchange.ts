import type { Readable } from 'node:stream'
import { type Clock, SyncError } from '@syncline/core'
import { type Dispatcher, request as undiciRequest } from 'undici'
import type { WireRequest } from '../requests/http-request.ts'
import { nameOf } from '../requests/wire-request.ts'
import { readBody } from './read-body.ts'
import { transportError } from './transport-error.ts'

/** An answer before anyone judged it. */
export interface WireResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly text: string
}

/** How requests are carried, and within which bounds. */
export interface Transport {
  readonly agent: Dispatcher
  readonly clock: Clock
  /** From the first byte sent to the last received. */
  readonly timeoutMs: number
  readonly maxBodyBytes: number
}

/**
 * One request, one answer. Redirects are not followed.
 * @throws UPSTREAM_TIMEOUT, UPSTREAM_UNAVAILABLE, UPSTREAM_REJECTED, ADDRESS_DENIED, CONNECTOR_ANSWER_INVALID,
 * CONNECTOR_CONFIG_INVALID; the signal's reason when that aborts
 */
export async function exchange(
  transport: Transport,
  request: WireRequest,
  signal: AbortSignal,
): Promise<WireResponse> {
  const { clock, timeoutMs } = transport
  signal.throwIfAborted()
  const name = nameOf(request)
  const ending = new AbortController()
  const onAbort = (): void => ending.abort(signal.reason)
  const disarm = clock.after(timeoutMs, () =>
    ending.abort(
      new SyncError('UPSTREAM_TIMEOUT', `${name} did not end within ${timeoutMs} ms`, {
        details: { failureType: 'transient' },
      }),
    ),
  )
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await exchangeUntil(transport, request, ending.signal)
  } catch (error) {
    throw ending.signal.aborted ? ending.signal.reason : transportError(error, name)
  } finally {
    disarm()
    signal.removeEventListener('abort', onAbort)
  }
}

async function exchangeUntil(
  { agent, maxBodyBytes }: Transport,
  request: WireRequest,
  signal: AbortSignal,
): Promise<WireResponse> {
  const { method, url, headers, body } = request
  const answer = await undiciRequest(url, {
    dispatcher: agent,
    method,
    headers,
    body: body ?? null,
    signal,
  })
  const answered = Object.fromEntries(
    Object.entries(answer.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), [value].flat()]],
    ),
  )
  const source: Readable = answer.body
  const text = await readBody({
    body: source,
    headers: answered,
    maxBytes: maxBodyBytes,
    name: nameOf(request),
  })
  return { status: answer.statusCode, headers: answered, text }
}
