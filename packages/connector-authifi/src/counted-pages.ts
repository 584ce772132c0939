import { type PageTurn, type Paginator, readPath } from '@syncline/connector-http'
import type { AuthifiConfig } from './config-schema.ts'
import { pagesBy, unlikeConfig } from './paging.ts'

/** Whatever an instance without counts may answer: `count` may also be read as an id. */
const noCount = [400, 403, 404, 405, 422, 501]

/**
 * Pages that know how many records there are in all. A full listing that has one page only, with fewer records, was
 * cut off by a server that pages in another way.
 */
export function countedPages(config: AuthifiConfig): Paginator {
  const pages = pagesBy(config)
  return {
    async readPage(turn) {
      // A filter, which only incremental listings have at this point, would count something else.
      const counts = config.counts && turn.cursor === undefined && turn.request.query === undefined
      const total = counts ? await countAll(turn) : undefined
      const page = await pages.readPage(turn)
      if (total !== undefined && page.next === undefined && page.items.length < total) {
        throw unlikeConfig(`it holds ${page.items.length} of ${total} records and no way to the others`)
      }
      return { ...page, total }
    },
  }
}

async function countAll({ request, send }: PageTurn): Promise<number | undefined> {
  const path = `${request.path}/count`
  const { body } = await send({ path, errorRules: [{ status: noCount, action: 'empty' }] })
  const count = typeof body === 'number' ? body : readPath(body, 'count')
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined
}
