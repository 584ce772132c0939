import { setTimeout as wait } from 'node:timers/promises'
import { defineConnector, type UpstreamRecord } from '@syncline/core'
import { z } from 'zod'

export const pageCount = 1_000
const rowsPerPage = 100
/** A page takes upstream so long that a listing lasts for several outages. */
const pageMs = 40

/**
 * An upstream of 100,000 people on 1,000 pages, computed when asked for. In its second edition every tenth has changed,
 * and every twentieth has left.
 */
export const thousandPages = defineConnector({
  type: 'thousand-pages',
  displayName: 'A thousand pages',
  configSchema: z.object({ edition: z.int() }),
  resourceTypes: {
    user: {
      async list({ cursor = '0', signal }, { config }) {
        await wait(pageMs, undefined, { signal })
        const page = Number(cursor)
        return {
          success: true,
          payload: {
            resources: people(page, config.edition),
            nextCursor: page + 1 < pageCount ? String(page + 1) : undefined,
          },
        }
      },
    },
  },
})

const people = (page: number, edition: number): UpstreamRecord[] =>
  Array.from({ length: rowsPerPage }, (_, index) => page * rowsPerPage + index)
    .filter((id) => edition === 1 || id % 20 !== 0)
    .map((id) => ({
      externalId: `u${id}`,
      displayName: `Person ${id}`,
      email: `person.${id}@acme.example`,
      attributes: { revision: id % 10 === 1 ? edition : 1 },
    }))
