import { createScimConnector } from '@syncline/connector-scim'
import { type ConnectorContract, createConnectorTest, type ListingContract } from '@syncline/testing'
import { describe, test } from 'vitest'

/** A server with cursors: those are a server's own promise, where `startIndex` takes the proofs of `drift.test.ts`. */
const listing = (path: string, more: Pick<ListingContract, 'item' | 'samples' | 'expects'>): ListingContract => ({
  path,
  query: ['cursor', 'count', 'filter'],
  paging: 'token',
  maxPageSize: 100,
  incremental: true,
  reads: ({ query }) => ({
    token: query.get('cursor') || null,
    limit: query.get('count'),
    modifiedSince: /^meta\.lastModified ge "(.*)"$/.exec(query.get('filter') ?? '')?.[1],
  }),
  answers: ({ items, next, total }) => ({
    json: {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: total,
      itemsPerPage: items.length,
      ...(next && { nextCursor: next.token }),
      Resources: items,
    },
  }),
  ...more,
})

const contract: ConnectorContract = {
  config: (url) => ({ baseUrl: url, group: { members: 'listed' } }),
  refusedConfigs: [
    { config: { baseUrl: 'ldap://host' }, message: 'baseUrl' },
    { config: { baseUrl: 'https://scim.example', token: 'x' }, message: 'token' },
  ],
  credential: {
    secrets: { token: 'scim-token-0123456789' },
    accepts: ({ headers }, { secrets }) => headers.authorization === `Bearer ${secrets.token}`,
  },
  endpoints: [
    {
      path: '/ServiceProviderConfig',
      reply: () => ({ json: { filter: { supported: true }, pagination: { cursor: true, maxPageSize: 100 } } }),
    },
  ],
  listings: {
    user: listing('/Users', {
      item: ({ id, name, email, updatedAt }) => ({
        id,
        displayName: name,
        ...(email === undefined ? {} : { emails: email === null ? null : [{ value: email, primary: true }] }),
        meta: { lastModified: updatedAt },
      }),
      samples: [
        {
          item: { id: 'least', userName: 'least@example.com' },
          record: { externalId: 'least', displayName: 'least@example.com', email: null },
        },
      ],
    }),
    group: listing('/Groups', {
      item: ({ id, name, updatedAt }) => ({ id, displayName: name, meta: { lastModified: updatedAt } }),
      expects: ({ id, name }) => ({ externalId: id, displayName: name, email: null }),
      samples: [
        {
          item: { id: 'least', displayName: 'Least' },
          record: { externalId: 'least', displayName: 'Least', email: null },
        },
      ],
    }),
  },
}

describe('what Syncline expects of every connector', () => {
  createConnectorTest({ describe, test, createConnectorType: () => createScimConnector(), contract })
})
