import { type OpenApiDocument, openApiDocument } from '@syncline/http'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** What an OpenAPI document says of an answer. */
interface Said {
  readonly $ref?: string
  readonly content?: Readonly<Record<string, { readonly schema?: object }>>
}

const document: OpenApiDocument = openApiDocument()
const ajv = new Ajv2020({ strict: false, allErrors: true })
formats.default(ajv)
ajv.addSchema(document, 'document')

const problemPointer = '/components/responses/Problem'
const escaped = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1')

/**
 * Holds every answer of a server to the OpenAPI document of the API. Call it before the plugin is registered, and
 * `verify` at the end.
 * @returns verify, which throws what was not as the document says
 */
export function holdToDocument(app: FastifyInstance, basePath = '/api'): { readonly verify: () => void } {
  // Whatever else is below the base path is the host's.
  const isOurs = new RegExp(`^${basePath}/(connectors|webhooks)(/|$)`)
  const violations: string[] = []
  app.addHook('onSend', async (request, reply, payload) => {
    const problem = isOurs.test(request.url) && problemOf(request, reply, { payload, basePath })
    if (problem) violations.push(`${request.method} ${request.url} ${reply.statusCode}: ${problem}`)
  })
  return {
    verify() {
      if (violations.length > 0)
        throw new Error(`Not as the OpenAPI document says:\n${violations.join('\n')}`)
    },
  }
}

function problemOf(
  request: FastifyRequest,
  reply: FastifyReply,
  { payload, basePath }: { readonly payload: unknown; readonly basePath: string },
): string | undefined {
  const type = String(reply.getHeader('content-type') ?? '').replace(/;.*/, '')
  const undeclared = undeclaredProblem(request, reply.statusCode, basePath)
  if (undeclared) return undeclared
  const place = pointerOf(request, reply.statusCode, basePath)
  const { content } = at(place)
  if (!content) return type === '' ? undefined : `it has a body of ${type}, and none is declared`
  if (!content[type]) return `it is ${type || 'nothing'}, not ${Object.keys(content).join(' or ')}`
  // HEAD has the headers only, a stream no end.
  if (request.method === 'HEAD' || type === 'text/event-stream') return undefined
  const validate = ajv.getSchema(`document#${place}/content/${escaped(type)}/schema`)
  if (!validate) return `no schema at ${place}`
  return validate(JSON.parse(String(payload))) ? undefined : ajv.errorsText(validate.errors)
}

/** Callers should expect every status that they get. What is decided before an operation is not the operation's. */
function undeclaredProblem(
  { method, routeOptions }: FastifyRequest,
  status: number,
  basePath: string,
): string | undefined {
  const declared = responsesOf(method, routeOptions.url, basePath)
  return !declared || declared[status] || status === 405
    ? undefined
    : 'the operation does not declare this status'
}

const responsesOf = (method: string, url: string | undefined, basePath: string) => {
  const path = url?.slice(basePath.length).replace(/:([A-Za-z]+)/g, '{$1}') ?? ''
  const verb = method === 'HEAD' ? 'get' : method.toLowerCase()
  return document.paths[path]?.[verb]?.responses as Record<string, Said> | undefined
}

/** What is no operation of the document, and a status that an operation does not name, are problems. */
function pointerOf({ method, routeOptions }: FastifyRequest, status: number, basePath: string): string {
  const path = routeOptions.url?.slice(basePath.length).replace(/:([A-Za-z]+)/g, '{$1}') ?? ''
  const verb = method === 'HEAD' ? 'get' : method.toLowerCase()
  const declared = document.paths[path]?.[verb]?.responses as Record<string, Said> | undefined
  const said = declared?.[status] ?? declared?.default
  if (!said || said.$ref) return problemPointer
  return `/paths/${escaped(path)}/${verb}/responses/${declared?.[status] ? status : 'default'}`
}

function at(pointer: string): Said {
  const parts = pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  return parts.reduce<unknown>((value, part) => (value as Record<string, unknown>)[part], document) as Said
}
