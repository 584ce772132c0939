import { SynclineApiError } from '../api-error.ts'
import type { ClientHeaders, EventsCallOptions } from '../client-options.ts'
import type { RunEvent } from '../documents/run.ts'
import { unexpected } from '../read-answer.ts'
import type { RunRef } from '../requests.ts'
import { asApiError, type Transport } from '../transport.ts'
import { createEventStreamParser } from './parse-event-stream.ts'

/** The server gives a sign of life every 15 seconds: after three that did not come the connection is dead. */
const silenceMs = 45_000

const name = 'streamRunEvents'

/**
 * The states of a run until it has finished. A connection that ends before is made again, from the last event on;
 * attempts are counted from the last event that came.
 */
export async function* followRun(
  transport: Transport,
  run: RunRef,
  { lastEventId, signal, headers }: EventsCallOptions,
): AsyncGenerator<RunEvent, void, void> {
  let known = lastEventId
  let leastMs: number | undefined
  for (let attempt = 0; ; attempt += 1) {
    try {
      const connection = connect(transport, { run, known, signal, headers })
      for await (const { event, retryMs } of connection) {
        leastMs = retryMs
        if (event === 'gone') return
        attempt = 0
        known = event.id
        yield event
        if (event.event === 'finished') return
      }
      throw new SynclineApiError({
        operation: name,
        code: 'UNREACHABLE',
        detail: 'The stream ended too soon',
      })
    } catch (error) {
      signal?.throwIfAborted()
      if (!(error instanceof SynclineApiError)) throw error
      await transport.waitAfter(error, { attempt, repeatable: true, signal, leastMs })
    }
  }
}

interface Connection {
  readonly run: RunRef
  readonly known: string | undefined
  readonly signal: AbortSignal | undefined
  readonly headers: ClientHeaders | undefined
}

interface Received {
  /** `gone`: what would come is known already. */
  readonly event: RunEvent | 'gone'
  readonly retryMs: number | undefined
}

/** What one connection brings, as long as it lasts. */
async function* connect(
  transport: Transport,
  { run, known, signal, headers }: Connection,
): AsyncGenerator<Received, void, void> {
  const silent = new AbortController()
  const response = await transport.open({
    name,
    input: { ...run },
    headers: { accept: 'text/event-stream', ...(known !== undefined && { 'last-event-id': known }) },
    options: { headers, signal: signal ? AbortSignal.any([signal, silent.signal]) : silent.signal },
    repeatable: true,
  })
  if (response.status === 204) {
    yield { event: 'gone', retryMs: undefined }
    return
  }
  const body = eventStreamOf(response)
  const parser = createEventStreamParser()
  /** Nothing but the API's own errors comes out of a stream that is not the API's. */
  const eventsOf = (text: string): readonly RunEvent[] => {
    try {
      return parser.push(text).flatMap(({ id, event, data }) => {
        const isRun = event === 'progress' || event === 'finished'
        return isRun ? [{ id, event, run: JSON.parse(data) }] : []
      })
    } catch (error) {
      const detail = error instanceof RangeError ? error.message : 'The data of an event is not JSON'
      throw unexpected(name, response, { detail })
    }
  }
  for await (const text of readText(body, { transport, silent })) {
    for (const event of eventsOf(text)) yield { event, retryMs: parser.retryMs }
  }
}

function eventStreamOf(response: Response): ReadableStream<Uint8Array> {
  const { body, headers } = response
  if (body && headers.get('content-type')?.startsWith('text/event-stream')) return body
  throw unexpected(name, response, { detail: 'The answer is no stream of events' })
}

async function* readText(
  body: ReadableStream<Uint8Array>,
  { transport, silent }: { readonly transport: Transport; readonly silent: AbortController },
): AsyncGenerator<string, void, void> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  try {
    for (;;) {
      const stopTimer = transport.clock.after(silenceMs, () => silent.abort())
      const { done, value } = await reader
        .read()
        .catch((error: unknown) => {
          throw asApiError(name, error)
        })
        .finally(stopTimer)
      if (done) return
      yield decoder.decode(value, { stream: true })
    }
  } finally {
    // Who stops reading closes the connection; one that broke has nothing to close.
    await reader.cancel().catch(() => undefined)
  }
}
