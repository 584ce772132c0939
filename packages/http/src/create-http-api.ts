import { SyncError } from '@syncline/core'
import { type Admitted, admit } from './admit.ts'
import { type HttpApiOptions, requireApiOptions } from './api-options.ts'
import { type AnyRoute, type ConnectorOfTenant, requirePermission } from './define-route.ts'
import { createRunStreams, type RunStreams } from './events/run-streams.ts'
import type { HttpBody, HttpRequest } from './http-request.ts'
import { readIdempotencyKey, withKey } from './idempotency.ts'
import { everyTenant, type Principal } from './principal.ts'
import { type HttpReply, isInternal, problemOf } from './problems/problem.ts'
import { type ReadInput, readInput } from './read-input.ts'
import { fillPath } from './route-path.ts'
import { routes } from './routes/index.ts'
import { writeReply } from './write-reply.ts'

/** On every answer: nobody keeps it, nobody guesses what it is. */
export const everyHeader: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
}

/** The API for any framework: for each route, `admit` before the body is read, then `answer`. */
export interface HttpApi<HostRequest> {
  /** In the order of the table. */
  readonly routes: readonly AnyRoute[]
  readonly basePath: string
  /** Checks the path and asks `authorize`; a reply is the end of it. Never rejects. */
  admit(route: AnyRoute, request: HttpRequest<HostRequest>): Promise<Admitted<HostRequest> | HttpReply>
  /** Carries an admitted request out. Never rejects. */
  answer(admitted: Admitted<HostRequest>, body: HttpBody): Promise<HttpReply>
  /** Returns the problem document of an error that a framework met outside the API's routes. */
  problem(error: unknown, headers?: Readonly<Record<string, string>>): HttpReply
}

/** @throws OPTIONS_INVALID; TypeError for a route without a permission */
export function createHttpApi<HostRequest>(options: HttpApiOptions<HostRequest>): HttpApi<HostRequest> {
  const resolved = requireApiOptions(options)
  const { basePath, allowedOrigins, errorPage } = resolved
  const { authorize } = options
  const runStreams = createRunStreams(options.syncline, resolved)
  const table: readonly AnyRoute[] = Object.values(routes)
  table.forEach(requirePermission)

  const respondTo: HttpApi<HostRequest>['problem'] = (error, headers) =>
    withEvery(problemOf(error, { headers, errorPage }))
  const guarded = async <Answer>(
    { logger }: Pick<HttpRequest<HostRequest>, 'logger'>,
    work: () => Promise<Answer>,
  ): Promise<Answer | HttpReply> => {
    try {
      return await work()
    } catch (error) {
      if (isInternal(error)) logger?.error({ error }, 'a request failed')
      return respondTo(error)
    }
  }
  return {
    routes: table,
    basePath,
    admit: (route, request) => guarded(request, () => admit({ authorize, allowedOrigins }, route, request)),
    answer: (admitted, body) =>
      guarded(admitted.request, async () =>
        withEvery(await carryOut({ options, basePath, runStreams }, admitted, body)),
      ),
    problem: respondTo,
  }
}

/** Whether `admit` refused. */
export const isReply = (answer: Admitted | HttpReply): answer is HttpReply => 'status' in answer

const withEvery = (reply: HttpReply): HttpReply => ({
  ...reply,
  headers: { ...everyHeader, ...reply.headers },
})

interface Executing<HostRequest> {
  readonly options: HttpApiOptions<HostRequest>
  readonly basePath: string
  readonly runStreams: RunStreams
}

async function carryOut<HostRequest>(
  { options, basePath, runStreams }: Executing<HostRequest>,
  admitted: Admitted<HostRequest>,
  { bytes, signal }: HttpBody,
): Promise<HttpReply> {
  const { syncline } = options
  const { route, request, params, principal } = admitted
  const input = readInput(admitted, bytes)
  const common = {
    syncline,
    runStreams,
    signal,
    pathOf: (to: { readonly path: string }, values: Readonly<Record<string, string>>) =>
      basePath + fillPath(to.path, values),
  }
  const run = async (given: object): Promise<HttpReply> => {
    // Its types have said what it is given: the schemas that read the input are its own.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion, typescript/unbound-method
    const handle = route.handle as (request: object, input: ReadInput) => Promise<unknown>
    return writeReply(route, await handle({ ...common, ...given }, input))
  }
  if (!principal) return run({ rawBody: bytes ?? new Uint8Array(), rawHeaders: request.headers })
  const key = route.idempotency && readIdempotencyKey(request.headers)
  const connector = connectorOf(principal, params.connectorId)
  const given = { principal, connector, requireConnector: () => requireConnector(options, connector) }
  if (!route.provenByRows) await given.requireConnector()
  if (key === undefined) return run(given)
  return withKey({ requests: syncline.requests, route, key, input, ...given }, (effectId) =>
    run({ ...given, effectId }),
  )
}

const connectorOf = ({ tenantId }: Principal, connectorId: string): ConnectorOfTenant =>
  tenantId === everyTenant ? { connectorId } : { connectorId, tenantId }

/** Tenant and id are asked for at once: there is no moment at which another tenant's connector is at hand. */
async function requireConnector(
  { syncline }: Pick<HttpApiOptions<never>, 'syncline'>,
  { connectorId, tenantId }: ConnectorOfTenant,
): Promise<void> {
  const connector = await syncline.connectors.get(connectorId, { tenantId })
  if (!connector) throw new SyncError('NOT_FOUND', 'There is no such connector')
}
