import { isSyncError, SyncError } from '@syncline/core'
import type { HttpApi } from '@syncline/http'
import type { FastifyInstance, FastifyRequest, HTTPMethods } from 'fastify'
import { errorOfFastify } from './problem-of-fastify.ts'
import { sendReply } from './send-reply.ts'

type Api = Pick<HttpApi<FastifyRequest>, 'routes' | 'problem'>

/** What goes wrong outside the API's own handlers, a hook of the host's included, is answered in its form too. */
export function answerErrors(app: FastifyInstance, api: Pick<Api, 'problem'>): void {
  app.setErrorHandler((error, request, reply) => {
    const known = errorOfFastify(error)
    if (!isSyncError(known)) request.log.error({ error }, 'a request failed')
    return sendReply(reply, api.problem(known))
  })
}

const methods: readonly HTTPMethods[] = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS']

/** 405 with `Allow`. HEAD goes with GET. */
export function refuseOtherMethods(app: FastifyInstance, { routes, problem }: Api): void {
  for (const [url, taken] of Map.groupBy(routes, ({ path }) => path)) {
    const own = taken.map(({ method }): string => method)
    const takesGet = own.includes('GET')
    const allow = [...own, ...(takesGet ? ['HEAD'] : [])].toSorted().join(', ')
    app.route({
      method: [...methods.filter((method) => !own.includes(method)), ...(takesGet ? [] : ['HEAD'])],
      url,
      onRequest: async (_request, reply) =>
        sendReply(reply, problem(new SyncError('METHOD_NOT_ALLOWED', `This path takes ${allow}`), { allow })),
      handler: async () => undefined,
    })
  }
}

/** What is below the paths of the API and no route of it; the rest of the host's paths is the host's. */
export function answerUnknownPaths(app: FastifyInstance, { problem }: Api): void {
  for (const prefix of ['/connectors', '/webhooks']) {
    void app.register(
      async (part) => {
        part.setNotFoundHandler(async (_request, reply) =>
          sendReply(reply, problem(new SyncError('NOT_FOUND', 'There is no such path'))),
        )
      },
      { prefix },
    )
  }
}
