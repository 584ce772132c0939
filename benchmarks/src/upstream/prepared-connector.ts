import { type ConnectorType, defineConnector, type Scope } from '@syncline/core'
import { z } from 'zod'
import { numbersOf, type ReadRecords, recordsFrom, type UpstreamState } from './upstream-state.ts'

/** The scope every measured run syncs. */
export const people: Scope = { connectorId: 'directory', resourceType: 'user' }

/** An upstream that answers at once from memory. `state` is asked for every page; `read` finds its records. */
export function preparedConnector(
  state: () => UpstreamState,
  read: ReadRecords = recordsFrom,
): ConnectorType {
  return defineConnector({
    type: 'prepared',
    displayName: 'Prepared pages',
    configSchema: z.object({}),
    resourceTypes: {
      user: {
        list: async ({ cursor, pageSize }) => {
          const now = state()
          const start = Number(cursor ?? 0)
          const end = start + pageSize
          const nextCursor = end < numbersOf(now) ? String(end) : undefined
          return {
            success: true,
            payload: { resources: read(now, start, pageSize), nextCursor, totalEstimate: now.records },
          }
        },
      },
    },
  })
}
