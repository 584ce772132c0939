import {
  type Admitted,
  type AnyRoute,
  createHttpApi,
  defaultMaxBodyBytes,
  type HttpApi,
  isReply,
} from '@syncline/http'
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import { answerErrors, answerUnknownPaths, refuseOtherMethods } from './answer-errors.ts'
import { describeRequest, whenGone } from './describe-request.ts'
import { type CountRequest, limitRequests } from './limit-requests.ts'
import type { SynclineHttpOptions } from './plugin-options.ts'
import { requireFastify } from './require-fastify.ts'
import { sendReply } from './send-reply.ts'
import { serveDocument } from './serve-document.ts'

/**
 * The HTTP API of Syncline as an encapsulated plugin: hooks, parsers and error handlers of its own, none of the host's
 * is changed.
 *
 * ```ts
 * await app.register(synclineHttp, { syncline, authorize: async (request, permission, connectorId) => … })
 * ```
 * @throws OPTIONS_INVALID without `authorize`, or under a Fastify older than 5.8.5
 */
export const synclineHttp: FastifyPluginAsync<SynclineHttpOptions> = async (app, options) => {
  requireFastify(app.version)
  warnOfSlowBodies(app)
  const { basePath = '/api' } = options
  const api = createHttpApi({ ...options, basePath: app.prefix + basePath })
  const closing = new AbortController()
  // Before the server waits for what is under way: waiting clients are told where their run is, streams end.
  app.addHook('preClose', async () => closing.abort())
  await app.register(
    async (scope) => {
      takeBytes(scope)
      answerErrors(scope, api)
      const count = await limitRequests(scope, options)
      for (const route of api.routes) mount({ app: scope, api, count, closing: closing.signal }, route)
      refuseOtherMethods(scope, api)
      answerUnknownPaths(scope, api)
      if (options.openApi) serveDocument(scope, api.basePath, options.openApi)
    },
    { prefix: basePath },
  )
}

/** Fastify's own default lets a client send a body as slowly as it likes. */
function warnOfSlowBodies({ server, log }: FastifyInstance): void {
  const { requestTimeout }: { readonly requestTimeout?: number } = server
  if (requestTimeout !== 0) return
  log.warn(
    'requestTimeout of Fastify is 0: a client that sends its body slowly holds a connection for ever. Create the server with Fastify({ requestTimeout: 30_000 }).',
  )
}

/** The API has one parser of its own, for every framework: bodies come as they are. */
function takeBytes(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
}

interface Mounting {
  readonly app: FastifyInstance
  readonly api: HttpApi<FastifyRequest>
  readonly count: CountRequest
  readonly closing: AbortSignal
}

function mount({ app, api, count, closing }: Mounting, route: AnyRoute): void {
  const admitted = new WeakMap<FastifyRequest, Admitted<FastifyRequest>>()
  app.route({
    method: route.method,
    url: route.path,
    ...(route.method === 'GET' && { exposeHeadRoute: true }),
    bodyLimit: route.maxBodyBytes ?? defaultMaxBodyBytes,
    // Before the body is read: strangers do not make us read theirs.
    onRequest: async (request, reply) => {
      const answer = await api.admit(route, describeRequest(request))
      if (isReply(answer)) return sendReply(reply, answer)
      if (answer.principal) await count(request, answer.principal)
      admitted.set(request, answer)
      return undefined
    },
    handler: async (request, reply) => {
      const answer = admitted.get(request)
      if (!answer) throw new Error('A request came past its admission')
      const signal = AbortSignal.any([closing, whenGone(reply)])
      const bytes = Buffer.isBuffer(request.body) ? request.body : undefined
      return sendReply(reply, await api.answer(answer, { bytes, signal }))
    },
  })
}
