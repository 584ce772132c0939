import type { Readable } from 'node:stream'
import { type Clock, isSyncError, SyncError } from '@syncline/core'
import { type Dispatcher, request as undiciRequest } from 'undici'
import type { WireRequest } from '../requests/http-request.ts'
import { nameOf } from '../requests/wire-request.ts'
import { type BodyRequest, readBody, readErrorBody } from './read-body.ts'
import { transportError } from './transport-error.ts'

/** A response before it is judged. Its status is known whatever its body holds. */
export interface WireResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, readonly string[]>>
  /** Empty where it could not be read. */
  readonly text: string
  /** Why the body of a good response could not be read. */
  readonly unreadable?: SyncError | undefined
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
 * Sends one request and reads its response. Redirects are not followed. The status decides before the body is read: an
 * error response keeps its status and headers even if its body cannot be read.
 * @throws UPSTREAM_TIMEOUT, UPSTREAM_UNAVAILABLE, UPSTREAM_REJECTED, ADDRESS_DENIED, CONNECTOR_ANSWER_INVALID,
 * CONNECTOR_CONFIG_INVALID; the signal's reason when the caller aborts
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
    return await exchangeUntil(transport, request, { ending: ending.signal, caller: signal })
  } catch (error) {
    throw ending.signal.aborted ? ending.signal.reason : transportError(error, name)
  } finally {
    disarm()
    signal.removeEventListener('abort', onAbort)
  }
}

/** Of an error response: error rules look at small documents, people read a message. */
const maxErrorBytes = 262_144
const maxErrorMs = 5_000

async function exchangeUntil(
  transport: Transport,
  request: WireRequest,
  signals: { readonly ending: AbortSignal; readonly caller: AbortSignal },
): Promise<WireResponse> {
  const { method, url, headers, body } = request
  const answer = await undiciRequest(url, {
    dispatcher: transport.agent,
    method,
    headers,
    body: body ?? null,
    signal: signals.ending,
  })
  const status = answer.statusCode
  const received = Object.fromEntries(
    Object.entries(answer.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), [value].flat()]],
    ),
  )
  const source: Readable = answer.body
  const { maxBodyBytes: maxBytes } = transport
  const reading = { body: source, headers: received, maxBytes, name: nameOf(request) }
  // A body that is destroyed before it is read has no other listener.
  source.on('error', () => undefined)
  try {
    const read = hasContent(status) ? await readGood(reading) : await readOther(transport, reading, signals)
    return { status, headers: received, ...read }
  } finally {
    // A body that was not read to its end would hold its connection.
    source.destroy()
  }
}

/** Whether the body is what was asked for: 204 and 205 have none. */
const hasContent = (status: number): boolean =>
  status >= 200 && status < 300 && status !== 204 && status !== 205

/** @throws what breaks the connection */
async function readGood(reading: BodyRequest): Promise<Pick<WireResponse, 'text' | 'unreadable'>> {
  try {
    return { text: await readBody(reading) }
  } catch (error) {
    const failure = transportError(error, reading.name)
    if (isSyncError(failure, 'CONNECTOR_ANSWER_INVALID')) return { text: '', unreadable: failure }
    throw error
  }
}

/** The status has decided: a body that is cut, too long, too slow or not text is an empty one. */
async function readOther(
  { clock, maxBodyBytes }: Transport,
  reading: BodyRequest,
  { caller }: { readonly caller: AbortSignal },
): Promise<{ readonly text: string }> {
  const disarm = clock.after(maxErrorMs, () => void reading.body.destroy())
  try {
    return { text: await readErrorBody({ ...reading, maxBytes: Math.min(maxBodyBytes, maxErrorBytes) }) }
  } catch {
    caller.throwIfAborted()
    return { text: '' }
  } finally {
    disarm()
  }
}
