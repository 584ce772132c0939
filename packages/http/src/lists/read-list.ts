import type { Paged } from '@syncline/core'
import { requestInvalid } from '../problems/request-invalid.ts'
import type { ListCursors } from './list-cursor.ts'

const defaultPageSize = 20

/** What a caller wants to see of a list. */
interface ListRequest {
  readonly page?: number | undefined
  readonly pageSize?: number | undefined
  readonly after?: string | undefined
}

interface ListSource<Item, Key> {
  readonly cursors: ListCursors<Key>
  readonly paged: (page: { readonly page: number; readonly pageSize: number }) => Promise<Paged<Item>>
  readonly slice: (after: Key, limit: number) => Promise<readonly Item[]>
  readonly keyOf: (item: Item) => Key
}

/** The answer of a list, before its items become documents. */
export interface ListAnswer<Item> extends Partial<Omit<Paged<Item>, 'data' | 'pageSize'>> {
  readonly data: readonly Item[]
  readonly pageSize: number
  readonly nextCursor: string | null
}

/** A numbered page, or what comes after a cursor. @throws REQUEST_INVALID */
export async function readList<Item, Key>(
  { page, pageSize = defaultPageSize, after }: ListRequest,
  { cursors, paged, slice, keyOf }: ListSource<Item, Key>,
): Promise<ListAnswer<Item>> {
  const cursorOf = (item: Item | undefined): string | null => (item ? cursors.encode(keyOf(item)) : null)
  if (after !== undefined) {
    if (page !== undefined) throw requestInvalid('query', '"page" and "after" exclude each other')
    // One more than is shown says whether another page follows.
    const found = await slice(cursors.decode(after), pageSize + 1)
    const data = found.slice(0, pageSize)
    return { data, pageSize, nextCursor: found.length > pageSize ? cursorOf(data.at(-1)) : null }
  }
  const answer = await paged({ page: page ?? 1, pageSize })
  const isLast = answer.totalIsExact && answer.page >= answer.totalPages
  return { ...answer, nextCursor: isLast ? null : cursorOf(answer.data.at(-1)) }
}

/** With its items as documents. */
export const documentsOf = <Item, Document>(
  { data, ...rest }: ListAnswer<Item>,
  toDocument: (item: Item) => Document,
): Omit<ListAnswer<Item>, 'data'> & { readonly data: Document[] } => ({ ...rest, data: data.map(toDocument) })
