import type { ServerResponse } from 'node:http'
import type { RateWindow } from '@syncline/core'
import type { UpstreamRequest } from '../../upstream/upstream-request.ts'
import type { ContractRequest } from '../contract/reply.ts'
import type { ContractRoute } from './contract-route.ts'
import type { PageLocation } from './serve-page.ts'

/** A request the scripted upstream received. */
export interface LoggedRequest extends UpstreamRequest {
  /** Everything that was sent, as text, to look for secrets in. */
  readonly sent: string
  /** Whether a listing was asked for; else it was an endpoint or nothing the contract knows. */
  readonly listing: boolean
  /** The most records asked for; absent when the request does not say. */
  readonly limitAsked?: number | undefined
  /** Resolves when the connection is done with it: true when it ended before the answer did. */
  readonly cut: Promise<boolean>
}

/** The log's own view: what is known later is filled in. */
export type OpenLoggedRequest = LoggedRequest & {
  fault?: string | undefined
  status?: number | undefined
}

/** What a listing request asks for. */
export interface AskedPage {
  readonly location: PageLocation
  readonly limitAsked: number | undefined
}

export interface LogRequest {
  readonly number: number
  readonly at: Date
  readonly request: ContractRequest
  readonly route: ContractRoute
  readonly asked: AskedPage | undefined
  readonly response: ServerResponse
}

export function logRequest({ number, at, request, route, asked, response }: LogRequest): OpenLoggedRequest {
  const { method, url, headers, body } = request
  return {
    number,
    method,
    path: url.pathname,
    type: route.kind === 'listing' ? route.resourceType : undefined,
    page: asked?.location.page ?? 1,
    modifiedSince: asked?.location.modifiedSince,
    limitAsked: asked?.limitAsked,
    listing: route.kind === 'listing',
    at,
    sent: [method, url.href, JSON.stringify(headers), body].join('\n'),
    cut: new Promise((resolve) => {
      response.once('close', () => resolve(!response.writableFinished))
    }),
  }
}

/** How a log breaks the limits: nothing when it keeps to them. */
export function brokenLimits(requests: readonly LoggedRequest[], limits: readonly RateWindow[]): string[] {
  return limits.flatMap(({ limit, perMs }) => {
    const tooSoon = requests.find((request, index) => {
      const before = requests[index - limit]
      return before !== undefined && request.at.getTime() - before.at.getTime() < perMs
    })
    if (!tooSoon) return []
    const { number, method, path } = tooSoon
    return [`${method} ${path}, request ${number}, is one too many: ${limit} are allowed in ${perMs} ms`]
  })
}
