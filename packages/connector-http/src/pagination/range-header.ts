import { SyncError } from '@syncline/core'
import { type Paginator, paginate } from './paginator.ts'

/**
 * `Range: items=0-49`, answered with `Content-Range: items 0-49/203`. Where the total is `*`, an empty page is the end.
 * @param options `unit` @default 'items'
 */
export function rangeHeader(
  options: { readonly unit?: string | undefined; readonly maxPageSize?: number | undefined } = {},
): Paginator {
  const { unit = 'items', maxPageSize } = options
  return paginate({
    maxPageSize,
    apply(request, { cursor = '0', pageSize }) {
      const from = Number(cursor)
      const range = `${unit}=${from}-${from + pageSize - 1}`
      return { ...request, headers: { ...request.headers, range } }
    },
    next({ response, items, cursor = '0' }) {
      const after = Number(cursor) + items.length
      const header = response.header('content-range') ?? ''
      const [, total] = /\/(\d{1,15}|\*)\s*$/.exec(header) ?? []
      if (total === undefined) throw invalid('The response to a range has no Content-Range with a total')
      const hasMore = total === '*' ? items.length > 0 : after < Number(total)
      if (hasMore && items.length === 0) {
        throw invalid(`Upstream has ${total} records, and sent none after the first ${after}`)
      }
      return hasMore ? String(after) : undefined
    },
  })
}

const invalid = (message: string): SyncError =>
  new SyncError('CONNECTOR_ANSWER_INVALID', message, { details: { failureType: 'system' } })
