import { z } from 'zod'
import type { ConnectorContract, ContractRequest, ListingContract } from '../../src/index.ts'

const question = z.object({
  of: z.string(),
  page: z.number(),
  size: z.number(),
  day: z.string().optional(),
})

const asked = ({ body }: ContractRequest) => question.parse(JSON.parse(body))

const listing = (of: string): ListingContract => ({
  method: 'POST',
  path: '/graph',
  asks: (request) => asked(request).of === of,
  paging: 'page',
  ids: (number) => `node-${String(number).padStart(8, '0')}`,
  reads(request) {
    const { page, size, day } = asked(request)
    return { page, limit: size, modifiedSince: day }
  },
  answers: ({ items }) => ({ json: { data: items } }),
  item: ({ id, name }) => ({ key: id, title: name }),
  expects: ({ id, name }) => ({ externalId: id, displayName: name, email: null }),
  samples: [{ item: { key: 'k', title: 'T' }, record: { externalId: 'k', displayName: 'T', email: null } }],
})

export const graphContract: ConnectorContract = {
  config: (url) => ({ url }),
  refusedConfigs: [{ config: { url: 'x' }, message: 'url' }],
  check: false,
  credential: {
    secrets: { clientSecret: 'canary-graph-Pz5QaS8dF2gH1jK0' },
    identifiers: { clientId: 'client-7' },
    renews: true,
    accepts: ({ headers }, { issuedTokens }) =>
      issuedTokens.has(headers.authorization?.replace('Bearer ', '') ?? ''),
  },
  endpoints: [
    {
      method: 'POST',
      path: '/oauth/token',
      guarded: false,
      reply({ body }, { secrets, issueToken }) {
        const form = new URLSearchParams(body)
        const good =
          form.get('client_id') === 'client-7' && form.get('client_secret') === secrets.clientSecret
        if (!good) return { status: 401, json: { error: 'invalid_client' } }
        return { json: { access_token: issueToken(), expires_in: 86_400 * 30 } }
      },
    },
  ],
  listings: {
    user: { ...listing('people'), end: 'short_page', incremental: true },
    group: { ...listing('teams'), end: 'empty_page' },
  },
}
