import { isSyncError } from '@syncline/core'
import { type AnyRoute, everyHeader, problem, problemOf } from '@syncline/http'
import type { FastifyInstance, HTTPMethods } from 'fastify'
import { errorOfFastify } from './problem-of-fastify.ts'
import { sendReply } from './send-reply.ts'

/** What goes wrong outside the API's own handlers, a hook of the host's included, is answered in its form too. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    const known = errorOfFastify(error)
    if (!isSyncError(known)) request.log.error({ error }, 'a request failed')
    return sendReply(reply, problemOf(known, everyHeader))
  })
}

const methods: readonly HTTPMethods[] = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS']

/** 405 with `Allow`. HEAD goes with GET. */
export function refuseOtherMethods(app: FastifyInstance, routes: readonly AnyRoute[]): void {
  for (const [url, taken] of Map.groupBy(routes, ({ path }) => path)) {
    const own = taken.map(({ method }): string => method)
    const takesGet = own.includes('GET')
    const allow = [...own, ...(takesGet ? ['HEAD'] : [])].toSorted().join(', ')
    app.route({
      method: [...methods.filter((method) => !own.includes(method)), ...(takesGet ? [] : ['HEAD'])],
      url,
      onRequest: async (_request, reply) =>
        sendReply(
          reply,
          problem('METHOD_NOT_ALLOWED', `This path takes ${allow}`, { ...everyHeader, allow }),
        ),
      handler: async () => undefined,
    })
  }
}

/** What is below the paths of the API and no route of it; the rest of the host's paths is the host's. */
export function answerUnknownPaths(app: FastifyInstance): void {
  for (const prefix of ['/connectors', '/webhooks']) {
    void app.register(
      async (part) => {
        part.setNotFoundHandler(async (_request, reply) =>
          sendReply(reply, problem('NOT_FOUND', 'There is no such path', everyHeader)),
        )
      },
      { prefix },
    )
  }
}
