import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '@syncline/core'
import type { Answer } from '../upstream/answer.ts'
import { faultAnswer } from '../upstream/fault-answer.ts'
import { createFaults, type Faults } from '../upstream/faults.ts'
import { startLoopbackServer } from '../upstream/loopback-server.ts'
import { createDelays, type Delays, sendAnswer } from '../upstream/send-answer.ts'
import { cutPage } from './answer-page.ts'
import type { ConnectorContract } from './contract.ts'
import { type ContractRoute, readRequest, routeRequest } from './contract-route.ts'
import { locatePage, type PageLocation } from './locate-page.ts'
import { checkAsked, checkReply } from './parse-contract.ts'
import type { ContractRequest, Reply } from './reply.ts'
import { replyAnswer } from './reply-answer.ts'
import type { ServedEntry } from './served-entry.ts'
import type { LoggedRequest, OpenLoggedRequest } from './upstream-log.ts'
import { createUpstreamSecrets, type UpstreamSecrets } from './upstream-secrets.ts'

export interface ContractUpstreamOptions {
  readonly contract: ConnectorContract
  readonly clock: Clock
  /** Makes its tokens differ from those of other upstreams. @default 'first' */
  readonly name?: string | undefined
  /** Where a request does not say how many records it wants. */
  readonly pageSize: number
  /** At most this many records on a page, however many there could be. @default no limit */
  readonly shorten?: number | undefined
  /** Links to the next page lead there instead of here. */
  readonly linkOrigin?: string | undefined
  /** Lets everyone in. @default false */
  readonly open?: boolean | undefined
}

/** A vendor's stand-in: a real server that plays a contract. */
export interface ContractUpstream {
  readonly url: string
  /** Every request, in order; it grows. */
  readonly requests: readonly LoggedRequest[]
  /** What was asked for that the contract does not allow, and where the contract itself is wrong. */
  readonly breaches: readonly string[]
  readonly faults: Faults
  readonly secrets: UpstreamSecrets
  entries(resourceType: string): readonly ServedEntry[]
  serve(resourceType: string, entries: readonly ServedEntry[]): void
  /** Calls back before each request is answered. Returns how to stop. */
  onRequest(hook: (request: LoggedRequest) => void): () => void
  /** Empties the log, for runs of more pages than should be kept. */
  forgetRequests(): void
  close(): Promise<void>
}

interface Serving {
  readonly options: ContractUpstreamOptions
  readonly entries: Map<string, readonly ServedEntry[]>
  readonly requests: OpenLoggedRequest[]
  readonly breaches: string[]
  readonly faults: Faults
  readonly delays: Delays
  readonly secrets: UpstreamSecrets
  readonly hooks: Set<(request: LoggedRequest) => void>
}

export async function startContractUpstream(options: ContractUpstreamOptions): Promise<ContractUpstream> {
  const serving: Serving = {
    options,
    entries: new Map(),
    requests: [],
    breaches: [],
    faults: createFaults(),
    delays: createDelays(),
    secrets: createUpstreamSecrets(options.contract.credential, options.name ?? 'first'),
    hooks: new Set(),
  }
  const server = await startLoopbackServer((incoming, response) => void handle(serving, incoming, response))
  const { requests, breaches, faults, secrets, entries, hooks, delays } = serving
  return {
    url: server.url,
    requests,
    breaches,
    faults,
    secrets,
    entries: (resourceType) => entries.get(resourceType) ?? [],
    serve: (resourceType, served) => void entries.set(resourceType, served),
    onRequest(hook) {
      hooks.add(hook)
      return () => hooks.delete(hook)
    },
    forgetRequests: () => void requests.splice(0),
    close() {
      delays.cancelAll()
      return server.close()
    },
  }
}

async function handle(serving: Serving, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { options, requests, faults, delays, hooks } = serving
  const request = await readRequest(incoming, `http://${incoming.headers.host ?? 'localhost'}`)
  const route = routeRequest(options.contract, request)
  const asked = readPage(serving, route)
  const logged = logRequest({ serving, request, route, asked, response })
  requests.push(logged)
  for (const hook of hooks) hook(logged)
  const met = faults.meet(logged)
  logged.fault = met?.name
  const effect = met?.fault.effect
  const slowMs = effect?.kind === 'slow_headers' ? effect.delayMs : 0
  delays.run(response, slowMs, () => {
    const now = options.clock.now()
    const plain = (): Answer => plainAnswer(serving, { request, route, asked, effect })
    const answer = faultAnswer(effect, { plain, now })
    const onStatus = (status: number): void => {
      logged.status = status
    }
    response.setHeader('date', now.toUTCString())
    sendAnswer({ response, answer, effect, delays, onStatus })
  })
}

/** What a listing request asks for; undefined when it is none, or not allowed. */
interface AskedPage {
  readonly location: PageLocation
  readonly limitAsked: number | undefined
}

function readPage(serving: Serving, route: ContractRoute): AskedPage | undefined {
  if (route.kind === 'breach') serving.breaches.push(route.what)
  if (route.kind !== 'listing') return undefined
  const { resourceType, listing, request } = route
  return guarded(serving, request, () => {
    const asked = checkAsked(listing.reads(request), `listings.${resourceType}.reads answers`)
    const { pageSize } = serving.options
    const location = locatePage({ resourceType, listing, asked, pageSize })
    return { location, limitAsked: asked.limit ?? undefined }
  })
}

/** What is wrong with a request, or with a function of the contract, fails the test instead of the server. */
function guarded<Answered>(
  { breaches }: Serving,
  { method, url }: ContractRequest,
  run: () => Answered,
): Answered | undefined {
  try {
    return run()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    breaches.push(`${method} ${url.pathname}${url.search}: ${why}`)
    return undefined
  }
}

interface LogRequest {
  readonly serving: Serving
  readonly request: ContractRequest
  readonly route: ContractRoute
  readonly asked: AskedPage | undefined
  readonly response: ServerResponse
}

function logRequest({ serving, request, route, asked, response }: LogRequest): OpenLoggedRequest {
  const { method, url, headers, body } = request
  return {
    number: serving.requests.length + 1,
    method,
    path: url.pathname,
    type: route.kind === 'listing' ? route.resourceType : undefined,
    page: asked?.location.page ?? 1,
    modifiedSince: asked?.location.modifiedSince,
    limitAsked: asked?.limitAsked,
    listing: route.kind === 'listing',
    at: serving.options.clock.now(),
    sent: [method, url.href, JSON.stringify(headers), body].join('\n'),
    cut: new Promise((resolve) => {
      response.once('close', () => resolve(!response.writableFinished))
    }),
  }
}

interface PlainRequest {
  readonly request: ContractRequest
  readonly route: ContractRoute
  readonly asked: AskedPage | undefined
  readonly effect: Parameters<typeof faultAnswer>[0]
}

function plainAnswer(serving: Serving, { request, route, asked, effect }: PlainRequest): Answer {
  const { secrets, options } = serving
  const refused: Reply = { status: 400, json: { error: 'not_in_the_contract' } }
  const reply = guarded(serving, request, () => {
    if (route.kind === 'breach') return refused
    const open = options.open === true || (route.kind === 'endpoint' && route.endpoint.guarded === false)
    if (!open && !secrets.accept(request)) return secrets.refusal
    if (route.kind === 'endpoint') {
      return checkReply(route.endpoint.reply(route.request, secrets), `${route.endpoint.path} replies`)
    }
    return asked && pageReply(serving, { route, location: asked.location, effect })
  })
  return replyAnswer(reply ?? refused)
}

function pageReply(
  { options, entries }: Serving,
  page: {
    readonly route: ContractRoute & { readonly kind: 'listing' }
    readonly location: PageLocation
    readonly effect: PlainRequest['effect']
  },
): Reply {
  const { route, location, effect } = page
  const { resourceType, listing, request } = route
  const { shorten = Number.POSITIVE_INFINITY, linkOrigin } = options
  const cut = cutPage({ resourceType, entries: entries.get(resourceType) ?? [], location, shorten, effect })
  const url = new URL(`${request.url.pathname}${request.url.search}`, linkOrigin ?? request.url)
  return checkReply(listing.answers({ ...cut, url, request }), `listings.${resourceType}.answers`)
}
