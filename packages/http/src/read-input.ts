import { z } from 'zod'
import type { Admitted } from './admit.ts'
import { headerOf } from './input/headers.ts'
import { parseQuery } from './input/parse-query.ts'
import { bodyTooLarge, readJsonBody, refuseBody } from './input/read-body.ts'
import { type RequestPart, requestInvalid, requestMismatch } from './problems/request-invalid.ts'

/** What was read of a request; its handler knows the types. */
export type ReadInput = Readonly<Record<'params' | 'query' | 'headers' | 'body', unknown>>

/** 1 MiB, for bodies that say nothing else. */
export const defaultMaxBodyBytes = 1_048_576

/**
 * What the schemas of a route make of a request: no value is coerced, no unknown name passes.
 * @throws REQUEST_INVALID, MEDIA_TYPE_UNSUPPORTED, BODY_TOO_LARGE
 */
export function readInput(admitted: Admitted, bytes: Uint8Array | undefined): ReadInput {
  const { route, request, params } = admitted
  const query = parseQuery(request.search)
  return {
    params,
    query: route.query ? parsed('query', route.query, query) : refuseNames(query),
    headers: route.headers && parsed('header', route.headers, headersOf(route.headers, request.headers)),
    body: readBody(admitted, bytes),
  }
}

function readBody({ route, request }: Admitted, bytes: Uint8Array | undefined): unknown {
  const { body: schema, maxBodyBytes = defaultMaxBodyBytes } = route
  if (route.permission === 'signature') {
    // Read once it is known to be signed.
    if (bytes && bytes.byteLength > maxBodyBytes) throw bodyTooLarge(maxBodyBytes)
    return undefined
  }
  if (!schema) return refuseBody(bytes)
  const value = readJsonBody(bytes, { headers: request.headers, maxBytes: maxBodyBytes })
  if (value !== undefined) return parsed('body', schema, value)
  if (route.bodyOptional) return undefined
  throw requestInvalid('body', 'it is missing')
}

function parsed(part: RequestPart, schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw requestMismatch(part, result.error, namesOf(schema))
}

/** The members of an object; of one with alternatives, those of any. */
function namesOf(schema: z.ZodType): readonly string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape)
  if (!(schema instanceof z.ZodUnion)) return []
  const names = schema.options.flatMap((option) => (option instanceof z.ZodType ? namesOf(option) : []))
  return [...new Set(names)]
}

function refuseNames(query: Record<string, string>): undefined {
  if (Object.keys(query).length > 0) throw requestInvalid('query', 'this route takes no parameters')
}

/** Only what the route looks at, and each as one text. */
function headersOf(schema: z.ZodObject, headers: Admitted['request']['headers']): Record<string, string> {
  const values: Record<string, string> = {}
  for (const name of Object.keys(schema.shape)) {
    const value = headerOf(headers, name)
    if (value !== undefined) values[name] = value
  }
  return values
}
