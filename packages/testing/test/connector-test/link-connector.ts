import {
  type ConnectorContext,
  type ConnectorType,
  defineConnector,
  type ListAnswer,
  type ListRequest,
} from '@syncline/core'
import { z } from 'zod'
import { invalid, requestVendor, type VendorRequest } from './vendor-request.ts'

const configSchema = z.object({ baseUrl: z.url() })
type Config = z.output<typeof configSchema>

const pageSchema = z.array(
  z.object({ id: z.string(), name: z.string(), mail: z.string().nullish(), team: z.string().optional() }),
)

/** Pages linked by headers, a bearer token, text ids. `change` plants mistakes. */
export function linkConnector(
  change: (request: VendorRequest) => VendorRequest = (same) => same,
): ConnectorType {
  const ask = async (url: URL, { clock, credential }: ConnectorContext<Config>, signal?: AbortSignal) => {
    const token = (await credential?.get())?.values.token
    return requestVendor(change({ url, headers: { authorization: `Bearer ${token}` }, signal, clock }))
  }
  return defineConnector<Config>({
    type: 'link',
    displayName: 'Linked pages',
    configSchema,
    resourceTypes: {
      user: {
        incremental: true,
        async list(request, context) {
          const url = pageUrl(request, context.config)
          const { headers, json } = await ask(url, context, request.signal)
          const page = pageSchema.safeParse(json)
          if (!page.success) throw invalid(url, 'another shape')
          const resources = page.data.map(({ id, name, mail, ...attributes }) => ({
            externalId: id,
            displayName: name,
            email: mail,
            attributes,
          }))
          const nextCursor = nextLink(headers)
          return { success: true, payload: { resources, nextCursor } } satisfies ListAnswer
        },
      },
    },
    async check(context) {
      await ask(new URL('/users?per_page=1', context.config.baseUrl), context)
    },
  })
}

function pageUrl({ cursor, pageSize, modifiedSince }: ListRequest, { baseUrl }: Config): URL {
  if (cursor !== undefined) {
    const url = new URL(cursor)
    if (url.origin !== new URL(baseUrl).origin) throw invalid(url, 'a link to another origin')
    return url
  }
  const url = new URL('/users', baseUrl)
  url.searchParams.set('per_page', String(pageSize))
  if (modifiedSince !== undefined) url.searchParams.set('since', modifiedSince)
  return url
}

const nextLink = (headers: Headers): string | undefined =>
  /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1]
