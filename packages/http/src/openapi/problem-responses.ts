import type { ErrorCode } from '@syncline/core'
import type { AnyRoute } from '../define-route.ts'
import { problemKinds } from '../problems/problem-kinds.ts'
import type { JsonSchema } from './json-schemas.ts'

const anywhere: readonly ErrorCode[] = [
  'REQUEST_INVALID',
  'NOT_FOUND',
  'TOO_MANY_REQUESTS',
  'INTERNAL',
  'STORE_UNAVAILABLE',
  'STOPPED',
]

/** Problems of a route by status, each with the codes that it may have; `default` for all others. */
export function problemResponses(route: AnyRoute): Readonly<Record<string, JsonSchema>> {
  const byStatus = Map.groupBy(new Set(codesOf(route)), (code) => problemKinds[code].status)
  const responses: Record<string, JsonSchema> = {}
  for (const [status, codes] of byStatus) {
    const shown = codes.map((code) => `\`${problemKinds[code].as ?? code}\``)
    responses[status] = {
      $ref: '#/components/responses/Problem',
      // Next to a reference OpenAPI 3.1 allows a description of its own.
      description: `Code ${[...new Set(shown)].join(', ')}.`,
    }
  }
  return { ...responses, default: { $ref: '#/components/responses/Problem' } }
}

function codesOf({
  method,
  permission,
  headers,
  idempotency,
  problems = [],
}: AnyRoute): readonly ErrorCode[] {
  const signed = permission === 'signature'
  return [
    ...anywhere,
    ...(signed ? [] : (['UNAUTHENTICATED', 'FORBIDDEN'] as const)),
    // Bodies of all other methods are looked at, if only to refuse them.
    ...(method !== 'GET' ? (['BODY_TOO_LARGE', 'MEDIA_TYPE_UNSUPPORTED'] as const) : []),
    ...(headers && 'if-match' in headers.shape ? (['PRECONDITION_FAILED'] as const) : []),
    ...(idempotency ? (['IDEMPOTENCY_KEY_REUSED'] as const) : []),
    ...(idempotency === 'answer' ? (['IDEMPOTENCY_KEY_IN_USE'] as const) : []),
    ...problems,
  ]
}
