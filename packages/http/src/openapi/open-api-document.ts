import type { AnyRoute, ReplyShape } from '../define-route.ts'
import { templateOf } from '../route-path.ts'
import { routes } from '../routes/index.ts'
import { problemDocument } from '../schemas/problem.ts'
import { collectSchemas, type JsonSchema, type SchemaCollection } from './json-schemas.ts'
import { parametersOf } from './parameters.ts'
import { problemResponses } from './problem-responses.ts'

export interface OpenApiOptions {
  /** @default 'Syncline' */
  readonly title?: string | undefined
  /** Of the host's API. @default '1.0.0' */
  readonly version?: string | undefined
  /** Where the API is, its base path included. @default '/api' */
  readonly serverUrl?: string | undefined
  /** How callers say who they are, by the host's `authorize`. @default a bearer token */
  readonly securitySchemes?: Readonly<Record<string, JsonSchema>> | undefined
}

/** An OpenAPI 3.1 document. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0'
  readonly info: JsonSchema
  readonly servers: readonly JsonSchema[]
  readonly tags: readonly JsonSchema[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly responses: JsonSchema
    readonly securitySchemes: JsonSchema
  }
}

/** The document of the whole API, from the very schemas that check requests and write answers. */
export function openApiDocument(options: OpenApiOptions = {}): OpenApiDocument {
  const { title = 'Syncline', version = '1.0.0', serverUrl = '/api' } = options
  const { securitySchemes = { bearer: { type: 'http', scheme: 'bearer' } } } = options
  const schemas = collectSchemas()
  const problemSchema = schemas.of(problemDocument, 'answer')
  const paths: Record<string, Record<string, JsonSchema>> = {}
  const table: readonly AnyRoute[] = Object.values(routes)
  for (const route of table) {
    const path = templateOf(route.path)
    paths[path] = {
      ...paths[path],
      [route.method.toLowerCase()]: operationOf(route, { schemas, schemes: Object.keys(securitySchemes) }),
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title,
      version,
      description: 'Local copies of upstream directories: settings, runs, resources, matches.',
    },
    servers: [{ url: serverUrl }],
    tags: tags.map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: schemas.components,
      responses: {
        Problem: {
          description: 'What went wrong (RFC 9457).',
          headers: {
            'Retry-After': {
              description: 'Seconds to wait, with 429 and 503.',
              schema: { type: 'integer', minimum: 1 },
            },
          },
          content: { 'application/problem+json': { schema: problemSchema } },
        },
      },
      securitySchemes,
    },
  }
}

const tags = [
  ['sync-config', 'Settings and status of a resource type, and runs on demand'],
  ['resources', 'What was synced'],
  ['runs', 'What syncs did, and do'],
  ['sync-matches', 'Links between upstream people and local users'],
  ['quarantine', 'Records that cannot be kept'],
  ['cache', 'Looked-up resources'],
  ['webhooks', 'Events of upstream'],
] as const

/** The first part of the path that names something. */
const tagOf = (path: string): string => /^\/connectors\/:connectorId\/([a-z-]+)/.exec(path)?.[1] ?? 'webhooks'

function operationOf(
  route: AnyRoute,
  { schemas, schemes }: { readonly schemas: SchemaCollection; readonly schemes: readonly string[] },
): JsonSchema {
  const { name, summary, description, permission, path, body, bodyOptional, replies } = route
  const signed = permission === 'signature'
  const responses: Record<string, JsonSchema> = {}
  for (const [status, reply] of Object.entries(replies)) responses[status] = responseOf(reply, schemas)
  for (const [status, response] of Object.entries(problemResponses(route))) responses[status] ??= response
  const content = signed
    ? { 'application/json': { schema: { type: 'object' } } }
    : body && { 'application/json': { schema: schemas.of(body, 'request') } }
  return {
    operationId: name,
    summary,
    ...(description !== undefined && { description }),
    tags: [tagOf(path)],
    security: signed ? [] : schemes.map((scheme) => ({ [scheme]: [] })),
    'x-permission': permission,
    parameters: parametersOf(route, schemas),
    ...(content && { requestBody: { required: bodyOptional !== true, content } }),
    responses,
  }
}

function responseOf(
  { description, headers = {}, body, stream }: ReplyShape,
  schemas: SchemaCollection,
): JsonSchema {
  const said = Object.entries(headers).map(([name, meaning]) => [
    name,
    { description: meaning, schema: { type: 'string' } },
  ])
  const content = stream
    ? { [stream]: { schema: { type: 'string' } } }
    : body && { 'application/json': { schema: schemas.of(body, 'answer') } }
  return {
    description,
    ...(said.length > 0 && { headers: Object.fromEntries(said) }),
    ...(content && { content }),
  }
}
