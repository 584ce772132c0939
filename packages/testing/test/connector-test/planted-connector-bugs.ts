import {
  type ConnectorContext,
  type ConnectorType,
  isSyncError,
  type ListAnswer,
  type ListPage,
  type ListRequest,
  SyncError,
} from '@syncline/core'
import { z } from 'zod'
import type { ConnectorContract } from '../../src/index.ts'
import { graphConnector } from './graph-connector.ts'
import { graphContract } from './graph-contract.ts'
import { linkConnector } from './link-connector.ts'
import { linkContract } from './link-contract.ts'
import { offsetConnector } from './offset-connector.ts'
import { offsetContract } from './offset-contract.ts'

interface PlantedConnectorBug {
  readonly contract: ConnectorContract
  /** Parts of the names of the cases that must all catch it. */
  readonly caughtBy: readonly string[]
  /** Makes the connector type of one process. */
  readonly plant: () => ConnectorType
}

type List = (request: ListRequest, context: ConnectorContext<unknown>) => Promise<ListAnswer>

/** The connector type with its list functions wrapped. */
function withList(type: ConnectorType, wrap: (list: List) => List): ConnectorType {
  const wrapped = Object.entries(type.resourceTypes).map(([name, definition]) => [
    name,
    { ...definition, list: wrap((request, context) => definition.list(request, context)) },
  ])
  return { ...type, resourceTypes: Object.fromEntries(wrapped) }
}

const withPage = (
  type: ConnectorType,
  change: (page: ListPage, request: ListRequest) => ListPage,
): ConnectorType =>
  withList(type, (list) => async (request, context) => {
    const answer = await list(request, context)
    return answer.success ? { success: true, payload: change(answer.payload, request) } : answer
  })

const withThrown = (
  type: ConnectorType,
  change: (error: unknown, context: ConnectorContext<unknown>) => Promise<ListAnswer>,
): ConnectorType =>
  withList(
    type,
    (list) => (request, context) => list(request, context).catch((error: unknown) => change(error, context)),
  )

const link = (caughtBy: readonly string[], plant: () => ConnectorType) => ({
  contract: linkContract,
  caughtBy,
  plant,
})
const offset = (caughtBy: readonly string[], plant: () => ConnectorType) => ({
  contract: offsetContract,
  caughtBy,
  plant,
})
const graph = (caughtBy: readonly string[], plant: () => ConnectorType) => ({
  contract: graphContract,
  caughtBy,
  plant,
})

const mapRecords = (
  type: ConnectorType,
  change: (record: ListPage['resources'][number]) => ListPage['resources'][number],
) => withPage(type, (page) => ({ ...page, resources: page.resources.map(change) }))

const listingBugs = {
  'drops the last page': link(['lists every page', 'whatever the page size'], () =>
    withPage(linkConnector(), (page, { cursor }) =>
      page.nextCursor === undefined && cursor !== undefined ? { resources: [] } : page,
    ),
  ),
  'ignores the cursor': offset(['lists every page', 'whatever the page size'], () =>
    withList(
      offsetConnector(),
      (list) => (request, context) => list({ ...request, cursor: undefined }, context),
    ),
  ),
  'takes an empty page for the end': link(['goes on after an empty page'], () =>
    withPage(linkConnector(), (page) => (page.resources.length === 0 ? { resources: [] } : page)),
  ),
  'takes a short page for the end': link(['fewer records on a page', 'more records than upstream'], () =>
    withPage(linkConnector(), (page, { pageSize }) =>
      page.resources.length < pageSize ? { resources: page.resources } : page,
    ),
  ),
  'moves on by the page size it asked for': offset(['fewer records on a page'], () =>
    withPage(offsetConnector(), (page, { cursor, pageSize }) => ({
      ...page,
      nextCursor: page.nextCursor && String(Number(cursor ?? 0) + pageSize),
    })),
  ),
  'asks for a page size of its own': link(['asks for that size'], () =>
    withList(linkConnector(), (list) => (request, context) => list({ ...request, pageSize: 4 }, context)),
  ),
  'asks for more than the contract allows': link(['lists every page', 'whatever the page size'], () =>
    linkConnector((request) => {
      const url = new URL(request.url)
      url.searchParams.set('expand', 'all')
      return { ...request, url }
    }),
  ),
  'decodes the token once too often': link(['lists every page'], () =>
    withPage(linkConnector(), (page) => ({
      ...page,
      nextCursor: page.nextCursor && decodeURIComponent(page.nextCursor),
    })),
  ),
  'fails on an empty listing': offset(['an empty listing'], () =>
    withPage(offsetConnector(), (page) => {
      if (page.resources.length === 0) throw new SyncError('CONNECTOR_ANSWER_INVALID', 'no members')
      return page
    }),
  ),
  'normalises names': link(['byte for byte'], () =>
    mapRecords(linkConnector(), (record) => ({
      ...record,
      displayName: record.displayName.normalize('NFC'),
    })),
  ),
  'trims and lowers ids': link(['byte for byte'], () =>
    mapRecords(linkConnector(), (record) => ({ ...record, externalId: record.externalId.toLowerCase() })),
  ),
  'writes "null" for a missing address': offset(['byte for byte'], () =>
    mapRecords(offsetConnector(), (record) => ({ ...record, email: String(record.email) })),
  ),
  'rounds ids': offset(['never rounded'], () => offsetConnector({ id: z.number() })),
} satisfies Record<string, PlantedConnectorBug>

const stateBugs = {
  'keeps its place in memory': offset(
    ['a new process goes on', 'the same cursor asked twice', 'two connectors'],
    () => {
      let place = 0
      return withList(offsetConnector(), (list) => async (request, context) => {
        if (request.cursor === undefined) place = 0
        const answer = await list({ ...request, cursor: String(place) }, context)
        if (answer.success) place += answer.payload.resources.length
        return answer
      })
    },
  ),
  'keeps its cursors in memory': link(['a new process goes on'], () => {
    const cursors: string[] = []
    return withList(linkConnector(), (list) => async (request, context) => {
      const cursor = request.cursor === undefined ? undefined : cursors[Number(request.cursor)]
      const answer = await list({ ...request, cursor }, context)
      if (!answer.success || answer.payload.nextCursor === undefined) return answer
      cursors.push(answer.payload.nextCursor)
      return { success: true, payload: { ...answer.payload, nextCursor: String(cursors.length - 1) } }
    })
  }),
  'keeps the first credential it saw': link(['a credential saved anew', 'two connectors'], () => {
    let first: ConnectorContext<unknown>['credential']
    return withList(linkConnector(), (list) => async (request, context) => {
      const values = await context.credential?.get()
      first ??=
        values &&
        ({ ...context.credential, get: async () => values } as ConnectorContext<unknown>['credential'])
      return list(request, { ...context, credential: first })
    })
  }),
  'ignores the abort signal': link(['an aborted run', 'never comes'], () =>
    linkConnector(({ signal: _, ...request }) => request),
  ),
  'remembers the ids of a listing': offset(['nothing of a page is kept'], () => {
    const ids = new Set<string>()
    return mapRecords(offsetConnector(), (record) => {
      ids.add(record.externalId)
      return record
    })
  }),
} satisfies Record<string, PlantedConnectorBug>

const incrementalBugs = {
  'ignores modifiedSince': link(['asks with modifiedSince'], () =>
    withList(
      linkConnector(),
      (list) => (request, context) => list({ ...request, modifiedSince: undefined }, context),
    ),
  ),
  'asks from now on': link(['asks with modifiedSince'], () =>
    withList(linkConnector(), (list) => (request, context) => {
      const { modifiedSince } = request
      const since = modifiedSince && new Date(Date.parse(modifiedSince) + 1_000).toISOString()
      return list({ ...request, modifiedSince: since }, context)
    }),
  ),
  'forgets modifiedSince after the first page': graph(['user: asks with modifiedSince'], () =>
    withList(
      graphConnector(),
      (list) => (request, context) =>
        list(
          { ...request, modifiedSince: request.cursor === undefined ? request.modifiedSince : undefined },
          context,
        ),
    ),
  ),
} satisfies Record<string, PlantedConnectorBug>

const isTrouble = (error: unknown): boolean => isSyncError(error, 'UPSTREAM_UNAVAILABLE')
const nothing: ListAnswer = { success: true, payload: { resources: [] } }

const troubleBugs = {
  'swallows a 500 as an empty page': link(['status 500 on the'], () =>
    withThrown(linkConnector(), async (error) => {
      if (isTrouble(error)) return nothing
      throw error
    }),
  ),
  'takes what it cannot read for an empty page': offset(
    ['an empty object on the', 'null on the', 'a page of HTML on the'],
    () =>
      withThrown(offsetConnector(), async (error) => {
        if (isSyncError(error, 'CONNECTOR_ANSWER_INVALID')) return nothing
        throw error
      }),
  ),
  'tries again by itself': link(['status 503 on the'], () =>
    withList(linkConnector(), (list) => async (request, context) => {
      try {
        return await list(request, context)
      } catch (error) {
        if (!isTrouble(error)) throw error
        return list(request, context)
      }
    }),
  ),
  'gives up at once': link(['a connection reset before the headers on the', 'status 502 on the'], () =>
    withThrown(linkConnector(), async (error) => {
      throw new SyncError('UPSTREAM_REJECTED', 'failed', { cause: error })
    }),
  ),
  'undercuts the wait': link(['429 with seconds on the', '429 with a date on the'], () =>
    withThrown(linkConnector(), async (error) => {
      if (!isSyncError(error, 'RATE_LIMITED')) throw error
      throw new SyncError('RATE_LIMITED', 'throttled', { retryAfterMs: (error.retryAfterMs ?? 0) - 1_000 })
    }),
  ),
  'clamps a long wait': offset(['a wait longer than the host allows'], () =>
    withThrown(offsetConnector(), async (error) => {
      if (!isSyncError(error, 'RATE_LIMITED')) throw error
      throw new SyncError('RATE_LIMITED', 'throttled', {
        retryAfterMs: Math.min(error.retryAfterMs ?? 0, 60_000),
      })
    }),
  ),
  'takes a throttle that answers 200 for a page': offset(['200 that says slow down on the'], () =>
    withThrown(offsetConnector(), async (error) => {
      if (isSyncError(error, 'RATE_LIMITED')) return nothing
      throw error
    }),
  ),
  'tells waits by the clock of the machine': link(['429 with a date on the'], () =>
    linkConnector((request) => ({ ...request, clock: { ...request.clock, now: () => new Date() } })),
  ),
} satisfies Record<string, PlantedConnectorBug>

const secretBugs = {
  'leaks the token in an error': link(['no secret is in a record', 'no secret that upstream refuses'], () =>
    linkConnector((request) => ({ ...request, quote: ` to ${request.headers.authorization}` })),
  ),
  'logs its headers in Base64': offset(['no secret is in a record'], () =>
    withList(offsetConnector(), (list) => async (request, context) => {
      const key = (await context.credential?.get())?.values.key ?? ''
      context.logger.debug({ sent: Buffer.from(`key:${key}`).toString('base64') }, 'asking')
      return list(request, context)
    }),
  ),
  'puts the key into the cursor': offset(['no secret is in a record'], () =>
    withList(offsetConnector(), (list) => async (request, context) => {
      const key = (await context.credential?.get())?.values.key ?? ''
      const answer = await list({ ...request, cursor: request.cursor?.split('?')[0] }, context)
      if (!answer.success || answer.payload.nextCursor === undefined) return answer
      return {
        success: true,
        payload: { ...answer.payload, nextCursor: `${answer.payload.nextCursor}?${key}` },
      }
    }),
  ),
  'follows redirects with the key': offset(['a redirect (302)', 'a redirect (307)'], () =>
    offsetConnector({ change: (request) => ({ ...request, redirect: 'follow' }) }),
  ),
  'follows links to anywhere': link(['a next page at another origin'], () =>
    withList(linkConnector(), (list) => (request, context) => {
      const { cursor } = request
      const config = cursor === undefined ? context.config : { baseUrl: new URL(cursor).origin }
      return list(request, { ...context, config })
    }),
  ),
  'renews again and again': graph(['401 on the middle page'], () => graphConnector({ renewals: 5 })),
  'never renews': graph(['an access token that has ended is renewed'], () => graphConnector({ renewals: 0 })),
  'tries a refused key again': offset(['a wrong credential', '401 on the first page'], () =>
    withThrown(offsetConnector(), async (error) => {
      if (!isSyncError(error, 'UNAUTHORIZED')) throw error
      throw new SyncError('UPSTREAM_UNAVAILABLE', 'refused')
    }),
  ),
  'has a check that asks nothing': link(
    ['check asks upstream', 'check throws when upstream is in trouble', 'check throws when upstream refuses'],
    () => ({
      ...linkConnector(),
      async check() {},
    }),
  ),
  'accepts any config': link(['that is null is refused', 'is refused with a message'], () => ({
    ...linkConnector(),
    configSchema: z.unknown().transform(() => ({ baseUrl: 'http://127.0.0.1:1' })),
  })),
  'is not as incremental as its contract': link(['say the same about incremental'], () => {
    const type = linkConnector()
    const [user] = Object.values(type.resourceTypes)
    return {
      ...type,
      resourceTypes: {
        user: { list: (...given) => Promise.resolve(user?.list(...given) ?? nothing), incremental: false },
      },
    }
  }),
  'lists more types than its contract': link(['covers every resource type'], () => {
    const type = linkConnector()
    return { ...type, resourceTypes: { ...type.resourceTypes, role: { list: async () => nothing } } }
  }),
} satisfies Record<string, PlantedConnectorBug>

export const plantedConnectorBugs: Readonly<Record<string, PlantedConnectorBug>> = {
  ...listingBugs,
  ...stateBugs,
  ...incrementalBugs,
  ...troubleBugs,
  ...secretBugs,
}
