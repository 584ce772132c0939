import type { JsonObject, JsonValue } from '@syncline/core'

/** Who calls: see `ContractStage`. */
type Caller = 'reader' | 'manager' | 'neighbour' | 'nobody'

export interface Call {
  /** @default 'manager' */
  readonly as?: Caller | undefined
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly signal?: AbortSignal | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The JSON body; empty when there is none. */
  readonly body: JsonObject
}

export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE'

/** Sends a request as a client of a host does. */
export async function request(
  baseUrl: string,
  place: readonly [Method, string],
  call: Call,
): Promise<Response> {
  const [method, path] = place
  const { as = 'manager', body, headers, signal } = call
  return fetch(baseUrl + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(as !== 'nobody' && { authorization: `Bearer ${as}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  })
}

/** The same, read to its end. */
export async function callApi(
  baseUrl: string,
  place: readonly [Method, string],
  call: Call,
): Promise<Answer> {
  const response = await request(baseUrl, place, call)
  const text = await response.text()
  const isJson = /^application\/(problem\+)?json\b/.test(response.headers.get('content-type') ?? '')
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? objectOf(JSON.parse(text)) : {},
  }
}

/** The items of a list. */
export function itemsOf({ body, text }: Pick<Answer, 'body' | 'text'>): readonly JsonObject[] {
  if (Array.isArray(body.data)) return body.data.map(objectOf)
  throw new Error(`Not a list: ${text}`)
}

/** A field of every item of a list. */
export const fieldsOf = (answer: Answer, field: string): JsonValue[] =>
  itemsOf(answer).map((item) => item[field] ?? null)

/** A value that must be a text. */
export function textOf(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value
  throw new Error(`Not a text: ${JSON.stringify(value)}`)
}

/** An instant, which must be written as they all are. */
export function requireInstant(value: JsonValue | undefined): void {
  const text = textOf(value)
  if (new Date(text).toISOString() !== text) throw new Error(`Not an instant in UTC: ${text}`)
}

export function objectOf(value: unknown): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  throw new Error(`Not a JSON object: ${JSON.stringify(value)}`)
}
