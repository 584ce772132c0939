import { type ConnectorContext, type ListAnswer, type ListPage, systemClock } from '@syncline/core'
import { memoryRateLimiter } from '@syncline/core/memory'
import { type DirectoryConnectorConfig, directoryConnector, type Upstream } from '@syncline/testing/upstream'
import { z } from 'zod'

const pageBodySchema = z.strictObject({
  items: z.array(z.looseObject({ id: z.string() })),
  next: z.string().optional(),
  total: z.number(),
  asOf: z.string(),
})

/** An answer of the upstream. */
export type PageBody = z.output<typeof pageBodySchema>

type Query = Readonly<Record<string, string | undefined>>

/** One request by plain fetch. */
export async function get(upstream: Upstream, path: string, query: Query = {}): Promise<Response> {
  const url = new URL(path, upstream.url)
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(name, value)
  return fetch(url, { headers: { authorization: `Bearer ${upstream.token}` }, redirect: 'manual' })
}

export async function getPage(upstream: Upstream, path: string, query: Query = {}): Promise<PageBody> {
  const response = await get(upstream, path, query)
  if (response.status !== 200) throw new Error(`status ${response.status}`)
  return pageBodySchema.parse(await response.json())
}

/** A whole listing by plain fetch; `between` is called after each page. */
export async function readListing(
  upstream: Upstream,
  path: string,
  options: { readonly query?: Query; readonly between?: () => void } = {},
): Promise<PageBody[]> {
  const pages: PageBody[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await getPage(upstream, path, { ...options.query, cursor })
    pages.push(page)
    if (page.next === undefined) return pages
    cursor = page.next
    options.between?.()
  }
}

export const idsOf = (pages: readonly PageBody[]): string[] =>
  pages.flatMap(({ items }) => items.map(({ id }) => id))

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** What the engine would hand to the connector of this upstream. */
export const contextOf = (
  upstream: Pick<Upstream, 'url' | 'token'>,
  config: Partial<DirectoryConnectorConfig> = {},
): ConnectorContext<DirectoryConnectorConfig> => ({
  connectorId: 'c1',
  tenantId: 't1',
  config: { baseUrl: upstream.url, token: upstream.token, timeoutMs: 10_000, ...config },
  logger: silent,
  clock: systemClock,
  rateLimiter: memoryRateLimiter(),
  allowedNetworks: [],
})

interface ListOptions {
  readonly cursor?: string
  readonly pageSize?: number
  readonly modifiedSince?: string
  readonly signal?: AbortSignal
  readonly config?: Partial<DirectoryConnectorConfig>
}

/** One call of a list command. */
export async function list(upstream: Upstream, type: string, options: ListOptions = {}): Promise<ListPage> {
  const { config, pageSize = 10, signal = new AbortController().signal, ...request } = options
  const command = { command: `list:${type}`, pageSize, signal, ...request }
  const answer: ListAnswer | undefined = await directoryConnector.resourceTypes[type]?.list(
    command,
    contextOf(upstream, config),
  )
  if (!answer?.success) throw new Error(`no page of ${type}`)
  return answer.payload
}
