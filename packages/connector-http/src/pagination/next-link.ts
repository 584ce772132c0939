import { SyncError } from '@syncline/core'
import { type Path, readPath, showPath } from '../records/read-path.ts'
import { withParameter } from '../requests/with-parameter.ts'
import { type Paginator, paginate, type ReceivedPage } from './paginator.ts'
import { parseLinks } from './parse-links.ts'

interface NextLinkOptions {
  /** Name of the parameter for the number of records wanted, for the first page. @default none is sent */
  readonly size?: string | undefined
  /** The most records upstream gives in a page. */
  readonly maxPageSize?: number | undefined
}

/**
 * Follows `Link: <…>; rel="next"` (RFC 8288). No such link is the end. The case of relations means nothing.
 * @param options `rel` @default 'next'
 */
export function linkHeader(options: NextLinkOptions & { readonly rel?: string | undefined } = {}): Paginator {
  const rel = (options.rel ?? 'next').toLowerCase()
  return byLink(options, ({ response }) => {
    const links = (response.headers.link ?? []).flatMap(parseLinks)
    return links.find(({ relations }) => relations.includes(rel))?.uri
  })
}

/** The answer's body holds the link to the next page; null, an empty string or nothing there is the end. */
export function bodyLink(options: NextLinkOptions & { readonly from: Path }): Paginator {
  return byLink(options, ({ response }) => {
    const link = readPath(response.body, options.from) ?? ''
    if (typeof link === 'string') return link
    throw new SyncError('CONNECTOR_ANSWER_INVALID', `There is no link at ${showPath(options.from)}`, {
      details: { failureType: 'system' },
    })
  })
}

/** A link carries the whole query with it, so the stream's own is left out after the first page. */
function byLink(
  { size, maxPageSize }: NextLinkOptions,
  next: (page: ReceivedPage) => string | undefined,
): Paginator {
  return paginate({
    maxPageSize,
    apply(request, { cursor, pageSize }) {
      if (cursor !== undefined) return { ...request, link: cursor, query: {} }
      return size === undefined ? request : withParameter(request, { name: size, value: pageSize })
    },
    next(page) {
      const link = next(page)
      return link ? page.response.link(link) : undefined
    },
  })
}
