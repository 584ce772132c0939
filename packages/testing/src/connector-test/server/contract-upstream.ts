import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '@syncline/core'
import { faultAnswer } from '../../upstream/fault-answer.ts'
import { createFaults, type Faults } from '../../upstream/faults.ts'
import { startLoopbackServer } from '../../upstream/loopback-server.ts'
import { createDelays, type Delays, sendAnswer } from '../../upstream/send-answer.ts'
import type { ConnectorContract } from '../contract/contract.ts'
import { readRequest, routeRequest } from './contract-route.ts'
import { type ContractPlay, playReply, readPage } from './play-contract.ts'
import { replyAnswer } from './reply-answer.ts'
import type { ServedEntry } from './served-entry.ts'
import { brokenLimits, type LoggedRequest, logRequest, type OpenLoggedRequest } from './upstream-log.ts'
import { createUpstreamSecrets, type UpstreamSecrets } from './upstream-secrets.ts'

export interface ContractUpstreamOptions
  extends Pick<ContractPlay, 'pageSize' | 'shorten' | 'linkOrigin' | 'open'> {
  readonly contract: ConnectorContract
  readonly clock: Clock
  /** Makes its tokens differ from those of other upstreams. */
  readonly name: string
}

/** A vendor's stand-in: a real server that plays a contract. */
export interface ContractUpstream {
  readonly url: string
  /** Every request, in order; it grows. */
  readonly requests: readonly LoggedRequest[]
  readonly faults: Faults
  readonly secrets: UpstreamSecrets
  /** What was asked for that the contract does not allow, or too often, and where the contract itself is wrong. */
  breaches(): readonly string[]
  entries(resourceType: string): readonly ServedEntry[]
  serve(resourceType: string, entries: readonly ServedEntry[]): void
  /** Calls back before each request is answered. Returns how to stop. */
  onRequest(hook: (request: LoggedRequest) => void): () => void
  /** Empties the log, for runs of more pages than should be kept. */
  forgetRequests(): void
  close(): Promise<void>
}

interface Serving {
  readonly contract: ConnectorContract
  readonly clock: Clock
  readonly play: ContractPlay
  readonly requests: OpenLoggedRequest[]
  readonly faults: Faults
  readonly delays: Delays
  readonly hooks: Set<(request: LoggedRequest) => void>
}

export async function startContractUpstream(options: ContractUpstreamOptions): Promise<ContractUpstream> {
  const { contract, clock, name, ...pages } = options
  const secrets = createUpstreamSecrets(contract.credential, name)
  const entries = new Map<string, readonly ServedEntry[]>()
  const serving: Serving = {
    contract,
    clock,
    play: { ...pages, entries, secrets, breaches: [] },
    requests: [],
    faults: createFaults(),
    delays: createDelays(),
    hooks: new Set(),
  }
  const server = await startLoopbackServer((incoming, response) => void handle(serving, incoming, response))
  const { requests, faults, hooks, delays, play } = serving
  return {
    url: server.url,
    requests,
    faults,
    secrets,
    breaches: () => [...play.breaches, ...brokenLimits(requests, contract.rateLimits ?? [])],
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
  const { contract, clock, play, requests, faults, delays, hooks } = serving
  const request = await readRequest(incoming)
  const route = routeRequest(contract, request)
  const asked = readPage(play, route)
  const number = requests.length + 1
  const logged = logRequest({ number, at: clock.now(), request, route, asked, response })
  requests.push(logged)
  for (const hook of hooks) hook(logged)
  const met = faults.meet(logged)
  logged.fault = met?.name
  const effect = met?.fault.effect
  const slowMs = effect?.kind === 'slow_headers' ? effect.delayMs : 0
  delays.run(response, slowMs, () => {
    const now = clock.now()
    const plain = () => replyAnswer(playReply(play, { request, route, asked, effect }))
    const answer = faultAnswer(effect, { plain, now })
    const onStatus = (status: number): void => {
      logged.status = status
    }
    response.setHeader('date', now.toUTCString())
    sendAnswer({ response, answer, effect, delays, onStatus })
  })
}
