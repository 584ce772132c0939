import type { IncomingMessage } from 'node:http'
import type { HeaderValues, HttpRequest } from '@syncline/http'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** A request as the API knows it. */
export function describeRequest(request: FastifyRequest): HttpRequest<FastifyRequest> {
  const { url = '' } = request.raw
  const at = url.indexOf('?')
  return {
    host: request,
    // Decoded by the router; the schemas of the route say what they may be.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the router's are text
    params: request.params as Readonly<Record<string, string>>,
    search: at < 0 ? '' : url.slice(at + 1),
    // Most routes look at none.
    get headers() {
      return eachHeader(request.raw)
    },
    logger: request.log,
  }
}

/** A header that came twice is a list: Node joins some and drops others of the second ones. */
function eachHeader({ headers, headersDistinct }: IncomingMessage): HeaderValues {
  // Requests that are injected, for tests, have no list of what came.
  const distinct: IncomingMessage['headersDistinct'] | undefined = headersDistinct
  if (!distinct) return headers
  return Object.fromEntries(
    Object.entries(distinct).map(([name, values]) => [name, values?.length === 1 ? values[0] : values]),
  )
}

// Made once: most requests are over because they were answered, and a reason with a stack is dear.
const requestOver = new DOMException('The request is over', 'AbortError')

/** Aborts when the request is over: it was answered, or the client has gone. */
export function whenGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController()
  raw.once('close', () => gone.abort(requestOver))
  return gone.signal
}
