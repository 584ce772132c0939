import { type ConnectorContext, isSyncError, SyncError } from '@syncline/core'
import { graphConnector } from '../graph-connector.ts'
import { linkConnector } from '../link-connector.ts'
import { offsetConnector } from '../offset-connector.ts'
import {
  graph,
  link,
  mapRecords,
  offset,
  type PlantedConnectorBug,
  withList,
  withThrown,
} from './planted-connector-bug.ts'

export const stateBugs = {
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
    linkConnector((request) => ({ ...request, signal: undefined })),
  ),
  'remembers the names of a listing': offset(['no page is kept'], () => {
    const names = new Map<string, string>()
    return mapRecords(offsetConnector(), (record) => {
      names.set(record.externalId, record.displayName)
      return record
    })
  }),
  'does not know that a page token has ended': link(['that upstream no longer knows'], () =>
    withThrown(linkConnector(), async (error) => {
      if (!isSyncError(error, 'DELTA_EXPIRED')) throw error
      throw new SyncError('UPSTREAM_REJECTED', 'gone')
    }),
  ),
  'takes a page token that has ended for the end': link(['that upstream no longer knows'], () =>
    withThrown(linkConnector(), async (error) => {
      if (!isSyncError(error, 'DELTA_EXPIRED')) throw error
      return { success: true, payload: { resources: [] } }
    }),
  ),
} satisfies Record<string, PlantedConnectorBug>

export const incrementalBugs = {
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
