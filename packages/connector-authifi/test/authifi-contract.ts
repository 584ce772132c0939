import { readPath } from '@syncline/connector-http'
import type { JsonObject } from '@syncline/core'
import type { ConnectorContract, ContractEntry, ContractRequest, ListingContract } from '@syncline/testing'

const admin = '/auth/admin/tenants/acme'
const tokenPath = '/_api/auth/acme/oidc/token'

const filterOf = ({
  query,
}: ContractRequest): { where?: { id?: { gt: number }; updatedAt?: { gte: string } }; limit?: number } =>
  JSON.parse(query.get('filter') ?? '{}')

const named = ({ id, name, updatedAt }: ContractEntry): JsonObject => ({ id: Number(id), name, updatedAt })
const person = (entry: ContractEntry): JsonObject => ({
  ...named(entry),
  ...(entry.email === undefined ? {} : { email: entry.email }),
})

type Paging = Omit<ListingContract, 'path' | 'item' | 'samples'>

/** The answer names the next page by a token. */
const byToken: Paging = {
  query: ['limit', 'cursor', 'filter'],
  paging: 'token',
  incremental: true,
  ids: 'number',
  reads: (request) => ({
    token: request.query.get('cursor'),
    limit: request.query.get('limit'),
    modifiedSince: filterOf(request).where?.updatedAt?.gte,
  }),
  answers: ({ items, next }) => ({ json: { data: items, nextCursor: next?.token ?? null } }),
}

/** A page begins behind an id: where that is in the list is known from the answer that gave the id. */
function byId(): Paging {
  const places = new Map<string, number>()
  const place = ({ url }: ContractRequest, id: unknown): string =>
    JSON.stringify([url.origin, url.pathname, id])
  return {
    query: ['filter'],
    paging: 'offset',
    end: 'empty_page',
    shortPages: true,
    incremental: true,
    ids: String,
    reads(request) {
      const { where, limit } = filterOf(request)
      const offset = where?.id ? places.get(place(request, where.id.gt)) : 0
      return { offset, limit, modifiedSince: where?.updatedAt?.gte }
    },
    answers({ items, offset, request }) {
      const last = readPath(items.at(-1), 'id')
      if (last !== undefined) places.set(place(request, last), offset + items.length)
      return { json: items }
    },
  }
}

function contract(paging: () => Paging, config: JsonObject): ConnectorContract {
  const listing = (path: string, item: ListingContract['item'], least: JsonObject): ListingContract => ({
    ...paging(),
    path: admin + path,
    item,
    expects: ({ id, name: displayName, email = null }) => ({
      externalId: id,
      displayName,
      email: item === person ? email : null,
    }),
    samples: [
      {
        item: { id: 9_000_001, ...least },
        record: { externalId: '9000001', displayName: 'least', email: null },
      },
    ],
  })
  return {
    config: (baseUrl) => ({ baseUrl, tenantId: 'acme', incremental: {}, ...config }),
    refusedConfigs: [
      { config: { baseUrl: 'https://login.example/auth', tenantId: 'acme' }, message: 'baseUrl' },
      { config: { baseUrl: 'https://login.example' }, message: 'tenantId' },
    ],
    credential: {
      secrets: { clientSecret: 'an-invented-secret-0451' },
      identifiers: { clientId: 'syncline-client' },
      accepts: ({ headers }, { issuedTokens }) =>
        issuedTokens.has(headers.authorization?.replace(/^Bearer /, '') ?? ''),
      renews: true,
    },
    endpoints: [
      {
        method: 'POST',
        path: tokenPath,
        guarded: false,
        reply: ({ headers }, context) => {
          const basic = Buffer.from(`syncline-client:${context.secrets.clientSecret}`).toString('base64')
          if (headers.authorization !== `Basic ${basic}`)
            return { status: 401, json: { error: 'invalid_client' } }
          return { json: { access_token: context.issueToken(), token_type: 'Bearer', expires_in: 3_600 } }
        },
      },
      { path: '/auth/docs', reply: () => ({ status: 404, json: {} }) },
      ...['/users/count', '/groups/count', '/access-roles/count'].map((path) => ({
        path: admin + path,
        reply: () => ({ status: 404, json: {} }),
      })),
    ],
    rateLimits: [{ limit: 10, perMs: 1_000 }],
    listings: {
      user: listing('/users', person, { username: 'least' }),
      group: listing('/groups', named, { name: 'least' }),
      role: listing('/access-roles', named, { name: 'least' }),
    },
  }
}

export const keysetContract = contract(byId, {})

const allByToken = contract(() => byToken, { paging: { mode: 'token' } })
const { user } = allByToken.listings
/** Of users only; `check` looks at the other lists as well. */
export const tokenContract: ConnectorContract = {
  ...allByToken,
  listings: { ...(user && { user }) },
  endpoints: [
    ...(allByToken.endpoints ?? []),
    ...['/groups', '/access-roles'].map((path) => ({
      path: admin + path,
      query: ['limit'],
      reply: () => ({ json: { data: [] } }),
    })),
  ],
}
