import { SyncError } from '@syncline/core'
import { everyHeader, problemOf } from '@syncline/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendReply } from './send-reply.ts'

/**
 * Responds to requests that Fastify refuses before any plugin sees them, such as `/api/connectors/%zz`, in the form of
 * the API and without quoting the path. It is an option of the server, not of the plugin:
 *
 * ```ts
 * const app = Fastify({ requestTimeout: 30_000, frameworkErrors: respondToFrameworkError })
 * ```
 */
export function respondToFrameworkError(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  request.log.info({ error }, 'a request was refused before it was routed')
  const refused = new SyncError(
    'REQUEST_INVALID',
    'The path is not valid: its percent-encoding cannot be read',
  )
  void sendReply(reply, problemOf(refused, { headers: everyHeader }))
}
