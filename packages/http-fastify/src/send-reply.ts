import { Readable } from 'node:stream'
import type { HttpReply } from '@syncline/http'
import type { FastifyReply } from 'fastify'

/** Sends an answer of the API as it is: nothing is serialised again. */
export function sendReply(reply: FastifyReply, { status, headers, body }: HttpReply): FastifyReply {
  void reply.code(status).headers(headers).header('x-request-id', reply.request.id)
  return reply.send(
    body === undefined || typeof body === 'string' ? body : Readable.from(body, { highWaterMark: 1 }),
  )
}
