import { randomBytes } from 'node:crypto'
import Fastify, { type FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { ScimSettings } from '../settings.ts'
import type { PlayedUpstream } from './played-upstream.ts'

interface Item {
  readonly id: string
  readonly [member: string]: unknown
}

const core = 'urn:ietf:params:scim:schemas:core:2.0'
const people = ['Alan Turing', 'Hedy Lamarr', 'Katherine Johnson', 'Linus Torvalds', 'Margaret Hamilton']
const users: readonly Item[] = people.map((displayName, index) => {
  const userName = `${displayName.toLowerCase().replace(' ', '.')}@globex.example`
  return {
    schemas: [`${core}:User`],
    id: `u-${index + 1}`,
    userName,
    displayName,
    active: true,
    emails: [{ value: userName, primary: true }],
  }
})
const groups: readonly Item[] = ['Flight software', 'Cryptanalysis'].map((displayName, index) => ({
  schemas: [`${core}:Group`],
  id: `g-${index + 1}`,
  displayName,
  members: users.slice(index, index + 2).map(({ id }) => ({ value: id, type: 'User' })),
}))

/** As much of a service provider (RFC 7644) as its connector needs: lists by `startIndex`, and single resources. */
export async function startScim(): Promise<PlayedUpstream<ScimSettings>> {
  const token = randomBytes(16).toString('hex')
  const app = Fastify({ forceCloseConnections: true })
  app.addHook('onRequest', async ({ headers }, reply) => {
    const isKnown = headers.authorization === `Bearer ${token}`
    return isKnown ? undefined : reply.code(401).send({ detail: 'Who are you?' })
  })
  app.get('/scim/ServiceProviderConfig', async () => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    filter: { supported: false, maxResults: 200 },
    sort: { supported: false },
  }))
  serve(app, { path: '/scim/Users', items: users })
  serve(app, { path: '/scim/Groups', items: groups })
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  return { found: { baseUrl: `${address}/scim`, token }, close: () => app.close() }
}

const listQuery = z.object({
  startIndex: z.coerce.number().default(1),
  count: z.coerce.number().default(100),
})

function serve(
  app: FastifyInstance,
  { path, items }: { readonly path: string; readonly items: readonly Item[] },
): void {
  app.get(path, async ({ query }) => {
    const { startIndex, count } = listQuery.parse(query)
    return {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: items.length,
      startIndex,
      Resources: items.slice(startIndex - 1, startIndex - 1 + count),
    }
  })
  app.get<{ Params: { id: string } }>(`${path}/:id`, async ({ params }, reply) => {
    const found = items.find(({ id }) => id === params.id)
    return found ?? reply.code(404).send({ status: '404', detail: 'There is no such resource' })
  })
}
