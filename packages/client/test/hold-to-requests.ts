import { type OpenApiDocument, openApiDocument } from '@syncline/http'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

/** An operation as the document has it. */
interface Declared {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly pointer: string
  readonly parameters: readonly {
    readonly name: string
    readonly in: string
    readonly required: boolean
    readonly schema: { readonly type?: string }
  }[]
  readonly takesBody: boolean
}

const document: OpenApiDocument = openApiDocument()
const ajv = new Ajv2020({ strict: false, allErrors: true })
formats.default(ajv)
ajv.addSchema(document, 'document')
const escaped = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1')

/** Every operation of the OpenAPI document. */
export const declared: readonly Declared[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: String(operation.operationId),
    method: method.toUpperCase(),
    path,
    pointer: `/paths/${escaped(path)}/${method}`,
    parameters: operation.parameters as Declared['parameters'],
    takesBody: operation.requestBody !== undefined,
  })),
)

export interface RequestLog {
  /** `fetch`, and notes what was sent. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** Names of the operations that were asked for. */
  readonly asked: ReadonlySet<string>
  /** What was not as the document says. */
  readonly violations: readonly string[]
}

/** Holds every request of a client to the document. */
export function holdRequests(baseUrl: string): RequestLog {
  const asked = new Set<string>()
  const violations: string[] = []
  return {
    asked,
    violations,
    async fetch(url, init) {
      const { pathname, searchParams } = new URL(url)
      const path = pathname.slice(new URL(baseUrl).pathname.length)
      const operation = declared.find(
        (one) =>
          one.method === init.method && new RegExp(`^${one.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
      )
      if (operation) {
        asked.add(operation.name)
        const found = problemsOf(operation, {
          query: searchParams,
          headers: new Headers(init.headers),
          body: init.body,
        })
        violations.push(...found.map((problem) => `${operation.name}: ${problem}`))
      } else violations.push(`${init.method} ${path} is no operation`)
      return fetch(url, init)
    },
  }
}

interface Sent {
  readonly query: URLSearchParams
  readonly headers: Headers
  readonly body: unknown
}

/** Of HTTP itself, or of the host's. */
const usualHeaders = ['accept', 'content-type', 'authorization']

function problemsOf(operation: Declared, { query, headers, body }: Sent): readonly string[] {
  const { parameters, pointer, takesBody } = operation
  const sent = [
    ...[...query].map(([name, value]) => ({ in: 'query', name, value })),
    ...[...headers]
      .filter(([name]) => !usualHeaders.includes(name))
      .map(([name, value]) => ({ in: 'header', name, value })),
  ]
  const wrong = sent.flatMap(({ in: place, name, value }) => {
    const index = parameters.findIndex((one) => one.in === place && one.name === name)
    const type = parameters[index]?.schema.type
    if (index < 0) return [`${place} ${name} is not declared`]
    const given = type === 'integer' ? Number(value) : type === 'boolean' ? value === 'true' : value
    return check(`${pointer}/parameters/${index}/schema`, given).map(
      (problem) => `${place} ${name}: ${problem}`,
    )
  })
  const missing = parameters.filter(
    (one) => one.required && one.in !== 'path' && !sent.some(({ name }) => name === one.name),
  )
  const place = `${pointer}/requestBody/content/application~1json/schema`
  const badBody =
    body === undefined || body === null
      ? []
      : takesBody
        ? check(place, JSON.parse(textOf(body))).map((problem) => `body: ${problem}`)
        : ['takes no body']
  return [...wrong, ...missing.map(({ name }) => `${name} is missing`), ...badBody]
}

function textOf(body: unknown): string {
  if (typeof body === 'string') return body
  if (body instanceof Uint8Array) return new TextDecoder().decode(body)
  throw new TypeError('The client sends text or bytes')
}

function check(pointer: string, value: unknown): readonly string[] {
  const validate = ajv.getSchema(`document#${pointer}`)
  if (!validate) return [`no schema at ${pointer}`]
  return validate(value) ? [] : [ajv.errorsText(validate.errors)]
}
