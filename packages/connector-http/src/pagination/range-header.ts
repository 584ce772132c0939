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
      const [, total] = /\/(\d+|\*)\s*$/.exec(header) ?? []
      if (total === undefined) {
        throw new SyncError(
          'CONNECTOR_ANSWER_INVALID',
          'The answer to a range has no Content-Range with a total',
          {
            details: { failureType: 'system' },
          },
        )
      }
      if (items.length === 0) return undefined
      return total === '*' || after < Number(total) ? String(after) : undefined
    },
  })
}
