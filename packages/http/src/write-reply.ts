import { z } from 'zod'
import type { AnyRoute } from './define-route.ts'
import type { HttpReply } from './problems/problem.ts'

/** What a handler answered; its route's types have seen to the rest. */
const handlerReply = z.object({
  status: z.number(),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown().optional(),
  stream: z.custom<AsyncIterable<string>>().optional(),
})

/** @throws Error, which is answered with 500, when the handler's answer is not what the route declares */
export function writeReply(route: AnyRoute, reply: unknown): HttpReply {
  const { status, headers, body, stream } = handlerReply.parse(reply)
  const shape = route.replies[status]
  if (!shape) throw new Error(`Route "${route.name}" does not declare status ${status}`)
  if (shape.stream) return { status, headers: { ...headers, 'content-type': shape.stream }, body: stream }
  if (!shape.body) return { status, headers }
  // Through the schema: what it does not name stays here.
  const json = JSON.stringify(shape.body.parse(body))
  return { status, headers: { ...headers, 'content-type': 'application/json; charset=utf-8' }, body: json }
}
