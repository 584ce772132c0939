import { SynclineApiError } from './api-error.ts'
import type { CallOptions, ClientHeaders, SynclineClientOptions } from './client-options.ts'
import { type ClientClock, systemClock } from './clock.ts'
import { type Operation, type OperationName, operations } from './operations.ts'
import { type ApiAnswer, readAnswer, readProblem } from './read-answer.ts'
import { waitBeforeRetry } from './wait-before-retry.ts'
import { type CallInput, writeRequest } from './write-request.ts'

/** One call of an operation. */
export interface ApiCall {
  readonly name: OperationName
  readonly input: CallInput
  readonly options?: CallOptions | undefined
  /** What the operation itself says in headers. */
  readonly headers?: ClientHeaders | undefined
  /** Whether it may be sent again although an earlier attempt may have been carried out. */
  readonly repeatable: boolean
}

interface Patience {
  readonly attempt: number
  readonly repeatable: boolean
  readonly signal?: AbortSignal | undefined
  /** The server wants it at least this long. */
  readonly leastMs?: number | undefined
}

/** What carries calls to the server. */
export interface Transport {
  readonly clock: ClientClock
  /** Sent until it is answered or may not be sent again. @throws SynclineApiError, the signal's reason, TypeError */
  call<Body>(call: ApiCall): Promise<ApiAnswer<Body>>
  /** One attempt, whose answer is yet to be read. */
  open(call: ApiCall): Promise<Response>
  /** Waits before another attempt. @throws the error when there may be none */
  waitAfter(error: SynclineApiError, patience: Patience): Promise<void>
}

export function createTransport(options: SynclineClientOptions): Transport {
  const { clock = systemClock, random = Math.random, retry = {} } = options
  const { retries = 4, maxWaitMs = 30_000 } = retry
  const waitAfter: Transport['waitAfter'] = async (error, { attempt, repeatable, signal, leastMs = 0 }) => {
    const waitMs = waitBeforeRetry(error, { attempt, repeatable, retries, maxWaitMs, random })
    if (waitMs === undefined) throw error
    await clock.sleep(Math.max(waitMs, leastMs), signal)
  }
  const once = <Answer>(call: ApiCall, read: (response: Response) => Promise<Answer>): Promise<Answer> =>
    attemptOnce({ options, clock, call }, read)
  return {
    clock,
    waitAfter,
    open: (call) => once(call, async (response) => response),
    async call<Body>(call: ApiCall) {
      for (let attempt = 0; ; attempt += 1) {
        try {
          return await once(call, (response) => readAnswer<Body>(call.name, response))
        } catch (error) {
          if (!(error instanceof SynclineApiError)) throw error
          await waitAfter(error, { attempt, repeatable: call.repeatable, signal: call.options?.signal })
        }
      }
    },
  }
}

interface Attempt {
  readonly options: SynclineClientOptions
  readonly clock: ClientClock
  readonly call: ApiCall
}

async function attemptOnce<Answer>(
  { options, clock, call }: Attempt,
  read: (response: Response) => Promise<Answer>,
): Promise<Answer> {
  const { fetch = (url: string, init: RequestInit) => globalThis.fetch(url, init) } = options
  const { name } = call
  const operation: Operation = operations[name]
  const { path, body } = writeRequest(operation, call.input)
  const headers = await headersOf(options, call, body !== undefined)
  const signal = call.options?.signal
  signal?.throwIfAborted()
  try {
    const response = await fetch(withoutSlashes(options.baseUrl) + path, {
      method: operation.method,
      headers,
      // The API never redirects, and headers of the host are for nobody else.
      redirect: 'error',
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
    })
    if (!response.ok) throw await readProblem(name, response, clock.now())
    return await read(response)
  } catch (error) {
    signal?.throwIfAborted()
    throw asApiError(name, error)
  }
}

function withoutSlashes(baseUrl: string): string {
  let end = baseUrl.length
  while (baseUrl[end - 1] === '/') end -= 1
  return baseUrl.slice(0, end)
}

/** What `fetch` and its bodies throw says only that there was no answer. */
export const asApiError = (operation: string, error: unknown): SynclineApiError =>
  error instanceof SynclineApiError
    ? error
    : new SynclineApiError(
        { operation, code: 'UNREACHABLE', detail: 'There was no answer, or not all of it' },
        { cause: error },
      )

async function headersOf(
  { headers }: SynclineClientOptions,
  { headers: own, options }: ApiCall,
  hasBody: boolean,
): Promise<Headers> {
  const parts: readonly (ClientHeaders | undefined)[] = [
    { accept: 'application/json, application/problem+json' },
    hasBody ? { 'content-type': 'application/json' } : undefined,
    typeof headers === 'function' ? await headers() : headers,
    own,
    options?.headers,
  ]
  // Whatever the case of their names: the last one counts.
  const joined = new Headers()
  for (const part of parts) for (const [name, value] of Object.entries(part ?? {})) joined.set(name, value)
  return joined
}
