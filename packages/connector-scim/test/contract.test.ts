import { createScimConnector } from '@syncline/connector-scim'
import { type ConnectorContract, createConnectorTest, type ListingContract } from '@syncline/testing'
import { describe, test } from 'vitest'

/** A server with cursors: those are a server's own promise, where `startIndex` takes the proofs of `drift.test.ts`. */
const listing = (
  path: string,
  more: Pick<ListingContract, 'item' | 'samples' | 'expects'>,
): ListingContract => ({
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
  // Also where `/ServiceProviderConfig` cannot be read, so that nothing is asked for by `startIndex`.
  config: (url) => ({ baseUrl: url, supports: { cursorPaging: true }, group: { members: 'listed' } }),
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
      reply: () => ({
        json: { filter: { supported: true }, pagination: { cursor: true, maxPageSize: 100 } },
      }),
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
        {
          item: {
            schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
            id: '2819c223-7f76-453a-919d-413861904646',
            userName: 'bjensen@example.com',
            name: { formatted: 'Ms. Barbara J Jensen, III', familyName: 'Jensen', givenName: 'Barbara' },
            emails: [
              { value: 'babs@jensen.org', type: 'home' },
              { value: 'bjensen@example.com', type: 'work', primary: true },
            ],
            active: false,
            groups: [{ value: 'e9e30dba-f08f-4109-8486-d5c6a331660a', display: 'Tour Guides' }],
          },
          record: {
            externalId: '2819c223-7f76-453a-919d-413861904646',
            displayName: 'Ms. Barbara J Jensen, III',
            email: 'bjensen@example.com',
          },
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
        {
          item: { id: 'guides', displayName: 'Tour Guides', members: [{ value: 'u1', type: 'User' }] },
          record: { externalId: 'guides', displayName: 'Tour Guides', email: null },
        },
      ],
    }),
  },
}

describe('what Syncline expects of every connector', () => {
  createConnectorTest({ describe, test, createConnectorType: () => createScimConnector(), contract })
})
