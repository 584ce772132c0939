import type { FaultEffect } from '../../upstream/fault-effect.ts'
import { checkAsked, checkReply } from '../contract/parse-contract.ts'
import type { ContractRequest, Reply } from '../contract/reply.ts'
import type { ContractRoute } from './contract-route.ts'
import { cutPage, locatePage } from './serve-page.ts'
import type { ServedEntry } from './served-entry.ts'
import type { AskedPage } from './upstream-log.ts'
import type { UpstreamSecrets } from './upstream-secrets.ts'

/** What the replies of a scripted upstream are made of. */
export interface ContractPlay {
  /** By resource type. */
  readonly entries: ReadonlyMap<string, readonly ServedEntry[]>
  readonly secrets: UpstreamSecrets
  /** Where a request does not say how many records it wants. */
  readonly pageSize: number
  /** At most this many records on a page, however many there could be. @default no limit */
  readonly shorten?: number | undefined
  /** Links to the next page lead there instead of here. */
  readonly linkOrigin?: string | undefined
  /** Lets everyone in. @default false */
  readonly open?: boolean | undefined
  /** Whatever the contract does not allow, and where the contract itself is wrong, is told here. */
  readonly breaches: string[]
}

/** What a listing request asks for; undefined when it is none, or not allowed. */
export function readPage(play: ContractPlay, route: ContractRoute): AskedPage | undefined {
  if (route.kind === 'breach') play.breaches.push(route.what)
  if (route.kind !== 'listing') return undefined
  const { resourceType, listing, request } = route
  return guarded(play, request, () => {
    const asked = checkAsked(listing.reads(request), `listings.${resourceType}.reads answers`)
    const location = locatePage({ resourceType, listing, asked, pageSize: play.pageSize })
    return { location, limitAsked: asked.limit ?? undefined }
  })
}

export interface PlayedRequest {
  readonly request: ContractRequest
  readonly route: ContractRoute
  readonly asked: AskedPage | undefined
  readonly effect: FaultEffect | undefined
}

const notInTheContract: Reply = { status: 400, json: { error: 'not_in_the_contract' } }

/** What upstream replies when nothing goes wrong. */
export function playReply(play: ContractPlay, { request, route, asked, effect }: PlayedRequest): Reply {
  const { secrets } = play
  const reply = guarded(play, request, () => {
    if (route.kind === 'breach') return notInTheContract
    const open = play.open === true || (route.kind === 'endpoint' && route.endpoint.guarded === false)
    if (!open && !secrets.accept(request)) return secrets.refusal
    if (route.kind === 'listing') return asked && pageReply(play, { ...route, asked, effect })
    return checkReply(route.endpoint.reply(route.request, secrets), `${route.endpoint.path} replies`)
  })
  return reply ?? notInTheContract
}

type AskedListing = Extract<ContractRoute, { readonly kind: 'listing' }> &
  Pick<PlayedRequest, 'effect'> & { readonly asked: AskedPage }

function pageReply(
  play: ContractPlay,
  { resourceType, listing, request, asked, effect }: AskedListing,
): Reply {
  const { shorten = Number.POSITIVE_INFINITY, linkOrigin } = play
  const entries = play.entries.get(resourceType) ?? []
  const page = cutPage({ resourceType, entries, location: asked.location, shorten, effect })
  const url = new URL(`${request.url.pathname}${request.url.search}`, linkOrigin ?? request.url)
  return checkReply(listing.answers({ ...page, url, request }), `listings.${resourceType}.answers`)
}

/** What is wrong with a request, or with a function of the contract, fails the test instead of the server. */
function guarded<Answered>(
  { breaches }: ContractPlay,
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
