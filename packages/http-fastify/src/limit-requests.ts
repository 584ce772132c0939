import rateLimit from '@fastify/rate-limit'
import { SyncError } from '@syncline/core'
import { type Principal, principalKey } from '@syncline/http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { SynclineHttpOptions } from './plugin-options.ts'

/** Counts a request of a principal. @throws TOO_MANY_REQUESTS */
export type CountRequest = (request: FastifyRequest, principal: Principal) => Promise<void>

/** One count for all routes, by tenant and id. */
export async function limitRequests(
  app: FastifyInstance,
  { rateLimit: limit = {} }: SynclineHttpOptions,
): Promise<CountRequest> {
  if (limit === false) return async () => undefined
  const { max = 600, windowMs = 60_000, redis } = limit
  const principals = new WeakMap<FastifyRequest, Principal>()
  // A store that does not answer lets requests pass: it must not close the API.
  await app.register(rateLimit, { global: false, skipOnError: true, nameSpace: 'syncline-http-', redis })
  const count = app.createRateLimit({
    max,
    timeWindow: windowMs,
    keyGenerator(request) {
      const principal = principals.get(request)
      return principal ? principalKey(principal) : ''
    },
  })
  return async (request, principal) => {
    principals.set(request, principal)
    const counted = await count(request)
    if (counted.isAllowed || !counted.isExceeded) return
    throw new SyncError('TOO_MANY_REQUESTS', `More than ${max} requests in ${windowMs / 1_000} seconds`, {
      retryAfterMs: counted.ttl,
    })
  }
}
