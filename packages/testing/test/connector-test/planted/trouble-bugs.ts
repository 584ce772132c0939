import { isSyncError, type ListAnswer, SyncError } from '@syncline/core'
import { linkConnector } from '../link-connector.ts'
import { linkContract } from '../link-contract.ts'
import { offsetConnector } from '../offset-connector.ts'
import { link, offset, type PlantedConnectorBug, withList, withThrown } from './planted-connector-bug.ts'

const isTrouble = (error: unknown): boolean => isSyncError(error, 'UPSTREAM_UNAVAILABLE')
const nothing: ListAnswer = { success: true, payload: { resources: [] } }

export const troubleBugs = {
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
  'waits by itself, again and again': link(['again and again ends the run'], () =>
    withList(linkConnector(), (list) => async (request, context) => {
      try {
        return await list(request, context)
      } catch (error) {
        if (!isSyncError(error, 'RATE_LIMITED')) throw error
        await context.clock.sleep(error.retryAfterMs ?? 0, request.signal)
        return list(request, context)
      }
    }),
  ),
  'takes every failure for an empty page': link(
    [
      'is tried again, exactly',
      'is no page: the run ends',
      '403 on the',
      '401 on the',
      'a wrong credential ends',
    ],
    () => withThrown(linkConnector(), async () => nothing),
  ),
  'takes what is forbidden for an empty page': offset(['403 on the'], () =>
    withThrown(offsetConnector(), async (error) => {
      if (isSyncError(error, 'UPSTREAM_REJECTED')) return nothing
      throw error
    }),
  ),
  'asks as often as it likes': {
    contract: { ...linkContract, rateLimits: [{ limit: 2, perMs: 1_000 }] },
    caughtBy: ['lists every page', 'an empty page that has a next one'],
    plant: () => linkConnector(),
  },
} satisfies Record<string, PlantedConnectorBug>
