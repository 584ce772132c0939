import { randomBytes } from 'node:crypto'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { AuthifiSettings } from '../settings.ts'
import type { PlayedUpstream } from './played-upstream.ts'

interface Item {
  readonly id: number
  readonly name: string
  readonly [member: string]: unknown
}

const people = [
  'Ada Lovelace',
  'Grace Hopper',
  'Edsger Dijkstra',
  'Barbara Liskov',
  'Donald Knuth',
  'Radia Perlman',
]
const held: Readonly<Record<string, readonly Item[]>> = {
  users: people.map((name, index) => ({
    id: index + 1,
    name,
    email: `${name.toLowerCase().replace(' ', '.')}@acme.example`,
    identityIssuer: 'https://idp.acme.example',
  })),
  groups: ['Engineering', 'Research'].map((name, index) => ({ id: index + 1, name, namespace: 'default' })),
  'access-roles': [{ id: 1, name: 'operator', description: 'May look at everything' }],
}

/** The filter of LoopBack that the connector pages by. */
const filterSchema = z
  .string()
  .default('{}')
  .transform((text): unknown => JSON.parse(text))
  .pipe(
    z.object({
      where: z.object({ id: z.object({ gt: z.coerce.number() }).optional() }).optional(),
      limit: z.int().default(1_000),
    }),
  )

/** As much of Authifi as its connector needs: a tenant with a token endpoint and lists by id. */
export async function startAuthifi(): Promise<PlayedUpstream<AuthifiSettings>> {
  const client = { clientId: 'syncline', clientSecret: randomBytes(16).toString('hex') }
  const token = randomBytes(16).toString('hex')
  const app = Fastify({ forceCloseConnections: true })
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, body),
  )
  app.post('/_api/auth/acme/oidc/token', async (request, reply) => {
    const basic = Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')
    if (request.headers.authorization !== `Basic ${basic}`)
      return reply.code(401).send({ error: 'invalid_client' })
    return { access_token: token, token_type: 'Bearer', expires_in: 3_600 }
  })
  serveLists(app, (request) => request.headers.authorization === `Bearer ${token}`)
  const baseUrl = await app.listen({ host: '127.0.0.1', port: 0 })
  return { found: { baseUrl, tenantId: 'acme', ...client }, close: () => app.close() }
}

function serveLists(app: FastifyInstance, isKnown: (request: FastifyRequest) => boolean): void {
  const path = '/auth/admin/tenants/acme'
  app.addHook('onRequest', async (request, reply) => {
    const isRefused = request.url.startsWith(path) && !isKnown(request)
    return isRefused ? reply.code(401).send({ error: 'who are you?' }) : undefined
  })
  app.get<{ Params: { list: string } }>(`${path}/:list/count`, async ({ params }, reply) => {
    const items = held[params.list]
    return items ? { count: items.length } : reply.code(404).send({})
  })
  app.get<{ Params: { list: string }; Querystring: { filter?: string } }>(
    `${path}/:list`,
    async ({ params, query }, reply) => {
      const items = held[params.list]
      if (!items) return reply.code(404).send({})
      const { where, limit } = filterSchema.parse(query.filter)
      return items.filter(({ id }) => id > (where?.id?.gt ?? 0)).slice(0, limit)
    },
  )
}
