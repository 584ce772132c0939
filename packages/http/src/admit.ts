import { SyncError } from '@syncline/core'
import { z } from 'zod'
import type { ResolvedApiOptions } from './api-options.ts'
import type { AnyRoute } from './define-route.ts'
import type { HttpRequest } from './http-request.ts'
import { refuseCrossSite } from './input/cross-site.ts'
import { type Authorize, everyTenant, type Principal } from './principal.ts'
import { requestMismatch } from './problems/request-invalid.ts'

/** A request whose sender may do what its route does. */
export interface Admitted<HostRequest = unknown> {
  readonly route: AnyRoute
  readonly request: HttpRequest<HostRequest>
  readonly params: Readonly<Record<string, unknown>> & { readonly connectorId: string }
  /** Absent for routes whose requests are signed. */
  readonly principal?: Principal | undefined
}

const text = z.string().min(1).max(255)
const principalSchema = z.object({
  id: text,
  tenantId: z.union([text, z.custom<typeof everyTenant>((value) => value === everyTenant)]),
})

/** What decides about admission. */
interface Admission<HostRequest> extends Pick<ResolvedApiOptions, 'allowedOrigins'> {
  readonly authorize: Authorize<HostRequest>
}

/**
 * Checks path and origin and asks the host.
 * @throws REQUEST_INVALID, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, and what the host throws
 */
export async function admit<HostRequest>(
  { authorize, allowedOrigins }: Admission<HostRequest>,
  route: AnyRoute,
  request: HttpRequest<HostRequest>,
): Promise<Admitted<HostRequest>> {
  const parsed = route.params.safeParse(request.params)
  if (!parsed.success) throw requestMismatch('path', parsed.error)
  const params = { ...parsed.data, connectorId: String(parsed.data.connectorId) }
  const { permission } = route
  if (permission === 'signature') return { route, request, params }
  if (route.method !== 'GET') refuseCrossSite(request.headers, allowedOrigins)
  const answer = await authorize(request.host, permission, params.connectorId)
  if (answer === 'unauthenticated') throw new SyncError('UNAUTHENTICATED', 'Say who you are')
  if (answer === 'forbidden') throw new SyncError('FORBIDDEN', `This needs the permission ${permission}`)
  if (answer === 'unknown') throw new SyncError('NOT_FOUND', 'There is no such connector')
  // A host in JavaScript may leave the tenant out: that must not mean all of them.
  return { route, request, params, principal: principalSchema.parse(answer) }
}
