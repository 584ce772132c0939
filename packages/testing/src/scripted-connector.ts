import type {
  Clock,
  ConnectorType,
  ListAnswer,
  ListFailure,
  ListRequest,
  ResourceTypeDefinition,
  UpstreamRecord,
} from '@syncline/core'
import { z } from 'zod'

/** How one ask for a page goes wrong: answered as a failure, thrown, or never answered until the run gives up. */
export type ScriptedFailure = (Omit<ListFailure, 'message'> & { readonly message?: string }) | Error | 'hang'

/** One page of a script. */
export interface ScriptedPage {
  readonly resources?: readonly UpstreamRecord[] | undefined
  /** Instead of the next page of the script: an earlier cursor repeats it, `null` ends the listing here. */
  readonly nextCursor?: string | null | undefined
  readonly totalEstimate?: number | undefined
  /** Before anything else happens; needs a clock. */
  readonly delayMs?: number | undefined
  /** The first asks for this page fail so, one each; then it is answered. */
  readonly failures?: readonly ScriptedFailure[] | undefined
}

export interface ScriptedResourceType extends Omit<ResourceTypeDefinition<unknown>, 'list'> {
  /** In order. A function sees the request, so that it can honour `modifiedSince` or `pageSize`. */
  readonly pages:
    | readonly (ScriptedPage | readonly UpstreamRecord[])[]
    | ((request: ListRequest) => readonly (ScriptedPage | readonly UpstreamRecord[])[])
}

export interface ScriptedConnectorOptions {
  /** @default 'scripted' */
  readonly type?: string | undefined
  /** Keyed by resource type. */
  readonly resourceTypes: Readonly<Record<string, ScriptedResourceType>>
  /** Where delays are spent. */
  readonly clock?: Clock | undefined
}

/** What was asked for. */
export interface ScriptedRequest extends Omit<ListRequest, 'signal'> {
  readonly resourceType: string
  /** From 1. */
  readonly pageNumber: number
}

export interface ScriptedConnector extends ConnectorType {
  /** Every request, in order, failed ones included. */
  readonly requests: readonly ScriptedRequest[]
  /** Writes a new script for a resource type that the connector has: upstream changed. */
  script(resourceType: string, pages: ScriptedResourceType['pages']): void
}

/** A connector that plays a script: pages, failures and delays as data. The first cursor is `page-2`. */
export function scriptedConnector(options: ScriptedConnectorOptions): ScriptedConnector {
  const requests: ScriptedRequest[] = []
  const scripts = new Map<string, Script>()
  for (const [resourceType, { pages }] of Object.entries(options.resourceTypes)) {
    scripts.set(resourceType, { pages, asked: new Map() })
  }
  const definitionOf = (resourceType: string): ResourceTypeDefinition<unknown> => {
    const { pages: _, ...rest } = options.resourceTypes[resourceType] ?? { pages: [] }
    return {
      ...rest,
      async list(request) {
        const script = scripts.get(resourceType)
        const { signal: _signal, ...asked } = request
        const pages = script ? pagesFor(script, request) : []
        const index = indexOf(pages, request.cursor)
        requests.push({ ...asked, resourceType, pageNumber: index + 1 })
        return play({ script, pages, index, request, clock: options.clock })
      },
    }
  }
  return {
    type: options.type ?? 'scripted',
    displayName: 'Scripted connector',
    configSchema: z.unknown(),
    resourceTypes: Object.fromEntries([...scripts.keys()].map((name) => [name, definitionOf(name)])),
    requests,
    script(resourceType, pages) {
      if (!scripts.has(resourceType)) throw new Error(`The connector has no resource type ${resourceType}`)
      scripts.set(resourceType, { pages, asked: new Map() })
    },
  }
}

/** Cuts records into pages of a size; no records make one empty page. */
export function pagesOf(records: readonly UpstreamRecord[], pageSize: number): readonly UpstreamRecord[][] {
  const count = Math.max(1, Math.ceil(records.length / pageSize))
  return Array.from({ length: count }, (_, index) => records.slice(index * pageSize, (index + 1) * pageSize))
}

interface Script {
  readonly pages: ScriptedResourceType['pages']
  /** How often each page was asked for. */
  readonly asked: Map<number, number>
}

const isRecords = (page: ScriptedPage | readonly UpstreamRecord[]): page is readonly UpstreamRecord[] =>
  Array.isArray(page)

function pagesFor({ pages }: Script, request: ListRequest): readonly ScriptedPage[] {
  const scripted = typeof pages === 'function' ? pages(request) : pages
  return scripted.map((page) => (isRecords(page) ? { resources: page } : page))
}

function indexOf(pages: readonly ScriptedPage[], cursor: string | undefined): number {
  if (cursor === undefined) return 0
  const numbered = /^page-(\d+)$/.exec(cursor)
  return numbered ? Number(numbered[1]) - 1 : pages.findIndex(({ nextCursor }) => nextCursor === cursor) + 1
}

async function play(ask: {
  readonly script: Script | undefined
  readonly pages: readonly ScriptedPage[]
  readonly index: number
  readonly request: ListRequest
  readonly clock: Clock | undefined
}): Promise<ListAnswer> {
  const { script, pages, index, request } = ask
  const page = pages[index]
  if (!page) return failure({ code: 'CURSOR_UNKNOWN', message: `No page at ${request.cursor}` })
  const earlier = script?.asked.get(index) ?? 0
  script?.asked.set(index, earlier + 1)
  if (page.delayMs !== undefined) {
    if (!ask.clock) throw new Error('A script with delays needs a clock')
    await ask.clock.sleep(page.delayMs, request.signal)
  }
  const scripted = page.failures?.[earlier]
  if (scripted === 'hang') return untilAborted(request.signal)
  if (scripted instanceof Error) throw scripted
  if (scripted) return failure(scripted)
  const following = index + 1 < pages.length ? `page-${index + 2}` : undefined
  return {
    success: true,
    payload: {
      resources: page.resources ?? [],
      nextCursor: page.nextCursor === undefined ? following : (page.nextCursor ?? undefined),
      totalEstimate: page.totalEstimate,
    },
  }
}

const failure = ({ code, message, retryAfterMs }: Exclude<ScriptedFailure, Error | 'hang'>): ListAnswer => ({
  success: false,
  error: { code, message: message ?? `Scripted ${code}`, retryAfterMs },
})

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
