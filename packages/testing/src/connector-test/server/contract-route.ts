import type { IncomingMessage } from 'node:http'
import type { ConnectorContract, EndpointContract } from '../contract/contract.ts'
import type { ListingContract } from '../contract/listing-contract.ts'
import type { ContractRequest } from '../contract/reply.ts'

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

export async function readRequest(incoming: IncomingMessage): Promise<ContractRequest> {
  const chunks: Buffer[] = []
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
  // A client that hangs up half way has sent what it has sent.
  await new Promise((resolve) => incoming.once('end', resolve).once('close', resolve))
  const url = new URL(incoming.url ?? '/', `http://${incoming.headers.host ?? 'localhost'}`)
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
  const { method, url, query } = request
  const breach = (why: string): ContractRoute => ({
    kind: 'breach',
    what: `${method} ${url.pathname}${url.search}: ${why}`,
  })
  try {
    const route = findRoute(contract, request)
    if (!route) return breach('the contract knows no such request')
    const allowed = (route.kind === 'listing' ? route.listing : route.endpoint).query ?? []
    const extra = [...query.keys()].filter((name) => !allowed.includes(name))
    return extra.length === 0 ? route : breach(`the contract allows no query parameter ${extra.join(', ')}`)
  } catch (error) {
    // From a function of the contract that expected another request.
    return breach(error instanceof Error ? error.message : String(error))
  }
}

type KnownRoute = Exclude<ContractRoute, { readonly kind: 'breach' }>

function findRoute(contract: ConnectorContract, request: ContractRequest): KnownRoute | undefined {
  const match = ({ method = 'GET', path }: { method?: 'GET' | 'POST' | undefined; path: string }) =>
    request.method === method ? matchPath(path, request.url.pathname) : undefined
  for (const [resourceType, listing] of Object.entries(contract.listings)) {
    if (match(listing) && (listing.asks?.(request) ?? true)) {
      return { kind: 'listing', resourceType, listing, request }
    }
  }
  for (const endpoint of contract.endpoints ?? []) {
    const params = match(endpoint)
    if (params) return { kind: 'endpoint', endpoint, request: { ...request, params } }
  }
  return undefined
}

/** What stands for the segments with a colon; undefined for another path. */
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
