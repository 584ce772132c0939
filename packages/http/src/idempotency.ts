import { createHash } from 'node:crypto'
import { canonicalJson, type KeyedRequestsHandle } from '@syncline/core'
import { z } from 'zod'
import type { AnyRoute, ConnectorOfTenant } from './define-route.ts'
import { type HeaderValues, headerOf } from './input/headers.ts'
import type { Principal } from './principal.ts'
import type { HttpReply } from './problems/problem.ts'
import { requestInvalid } from './problems/request-invalid.ts'
import type { ReadInput } from './read-input.ts'

/** @throws REQUEST_INVALID */
export function readIdempotencyKey(headers: HeaderValues): string | undefined {
  const key = headerOf(headers, 'idempotency-key')
  if (key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return key
  throw requestInvalid('header', 'Idempotency-Key must be 1 to 255 visible ASCII characters')
}

interface KeyedCall {
  readonly requests: KeyedRequestsHandle
  readonly route: AnyRoute
  readonly key: string
  readonly input: ReadInput
  readonly principal: Principal
  readonly connector: ConnectorOfTenant
}

/** Carries a request with a key out as its route declares: once, or each time with the same effect. */
export async function withKey(
  { requests, route, key, input, principal, connector }: KeyedCall,
  run: (effectId: string | undefined) => Promise<HttpReply>,
): Promise<HttpReply> {
  const request = {
    connectorId: connector.connectorId,
    principalId: principal.id,
    key,
    fingerprint: fingerprintOf(route, input),
  }
  if (route.idempotency === 'effect') return run(await requests.effectId(request))
  const kept = await requests.once(request, async () => JSON.stringify(await run(undefined)))
  return keptReply.parse(JSON.parse(kept))
}

const keptReply = z.object({
  status: z.number(),
  headers: z.record(z.string(), z.string()),
  body: z.string().optional(),
})

/** How the answer is wanted (`Prefer`) is not what is asked for. */
function fingerprintOf({ name }: AnyRoute, { params, query, body }: ReadInput): string {
  const asked = canonicalJson(JSON.parse(JSON.stringify({ name, params, query, body })))
  return createHash('sha256').update(asked).digest('hex')
}
