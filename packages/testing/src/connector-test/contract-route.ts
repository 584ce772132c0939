import type { IncomingMessage } from 'node:http'
import type { ConnectorContract } from './contract.ts'
import type { EndpointContract } from './endpoint-contract.ts'
import type { ListingContract } from './listing-contract.ts'
import type { ContractRequest } from './reply.ts'

/** What a request is for, by the contract. */
export type ContractRoute =
  | {
      readonly kind: 'listing'
      readonly resourceType: string
      readonly listing: ListingContract
      readonly request: ContractRequest
    }
  | { readonly kind: 'endpoint'; readonly endpoint: EndpointContract; readonly request: ContractRequest }
  /** Nothing the contract allows. */
  | { readonly kind: 'breach'; readonly what: string }

export async function readRequest(incoming: IncomingMessage, origin: string): Promise<ContractRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
  const url = new URL(incoming.url ?? '/', origin)
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])
  return {
    method: incoming.method ?? '',
    url,
    query: url.searchParams,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString(),
    params: {},
  }
}

export function routeRequest(contract: ConnectorContract, request: ContractRequest): ContractRoute {
  const route = findRoute(contract, request)
  if (!route) return breach(request, `the contract knows no ${request.method} ${request.url.pathname}`)
  const allowed = (route.kind === 'listing' ? route.listing : route.endpoint).query ?? []
  const extra = [...request.query.keys()].filter((name) => !allowed.includes(name))
  if (extra.length === 0) return route
  return breach(request, `the contract allows no query parameter ${extra.join(', ')}`)
}

type KnownRoute = Exclude<ContractRoute, { readonly kind: 'breach' }>

function findRoute(contract: ConnectorContract, request: ContractRequest): KnownRoute | undefined {
  const is = ({ method = 'GET', path }: { method?: 'GET' | 'POST' | undefined; path: string }) =>
    request.method === method ? matchPath(path, request.url.pathname) : undefined
  for (const [resourceType, listing] of Object.entries(contract.listings)) {
    if (is(listing) && (listing.asks?.(request) ?? true)) {
      return { kind: 'listing', resourceType, listing, request }
    }
  }
  for (const endpoint of contract.endpoints ?? []) {
    const params = is(endpoint)
    if (params) return { kind: 'endpoint', endpoint, request: { ...request, params } }
  }
  return undefined
}

function matchPath(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, segment] of wanted.entries()) {
    const there = given[index] ?? ''
    if (segment.startsWith(':')) params[segment.slice(1)] = decodeURIComponent(there)
    else if (segment !== there) return undefined
  }
  return params
}

const breach = ({ method, url }: ContractRequest, why: string): ContractRoute => ({
  kind: 'breach',
  what: `${method} ${url.pathname}${url.search}: ${why}`,
})
