import { isSyncError, SyncError } from '@syncline/core'
import { graphConnector } from '../graph-connector.ts'
import { linkConnector } from '../link-connector.ts'
import { offsetConnector } from '../offset-connector.ts'
import {
  graph,
  link,
  offset,
  type PlantedConnectorBug,
  withList,
  withThrown,
} from './planted-connector-bug.ts'

export const secretBugs = {
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
  'gets a token for every page': graph(['one access token does for a run'], () =>
    graphConnector({ keepsToken: false }),
  ),
  'quotes what upstream said': link(['that upstream quotes'], () =>
    linkConnector((request) => ({ ...request, quotesBody: true })),
  ),
} satisfies Record<string, PlantedConnectorBug>
