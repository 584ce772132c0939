import type { ConnectorContract } from '../../src/index.ts'

export const offsetContract: ConnectorContract = {
  config: (host) => ({ host }),
  refusedConfigs: [{ config: { host: 7 }, message: 'host' }],
  credential: {
    secrets: { key: 'canary-offset-Mn6BvC5xZ4aS3dF2' },
    accepts: ({ headers }, { secrets }) => headers['x-api-key'] === secrets.key,
  },
  throttles: {
    '200 that says slow down': ({ seconds }) => ({ json: { slowDownSeconds: seconds } }),
    '429 with a date': ({ until }) => ({ status: 429, headers: { 'retry-after': until.toUTCString() } }),
  },
  listings: {
    group: {
      path: '/v2/members',
      query: ['skip', 'top'],
      paging: 'offset',
      shortPages: true,
      ids: 'number',
      reads: ({ query }) => ({ offset: query.get('skip'), limit: query.get('top') }),
      answers: ({ items, total }) => ({ json: { total, members: items } }),
      item: ({ id, name, email }) => ({
        id: Number(id),
        label: name,
        ...(email !== undefined && { contact: email === null ? null : { mail: email } }),
      }),
      samples: [{ item: { id: 9, label: 'L' }, record: { externalId: '9', displayName: 'L', email: null } }],
    },
  },
}
