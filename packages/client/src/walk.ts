import type { List } from './documents/list.ts'

const walkPageSize = 500

/** Every item of a list, page by page along its cursors: rows that come and go meanwhile move no other. */
export async function* walk<Item, Query extends { readonly pageSize?: number | undefined }>(
  list: (query: Query & { readonly pageSize: number; readonly after?: string }) => Promise<List<Item>>,
  query: Query,
): AsyncGenerator<Item, void, void> {
  let after: string | undefined
  do {
    const pageSize = query.pageSize ?? walkPageSize
    const { data, nextCursor } = await list({ ...query, pageSize, ...(after !== undefined && { after }) })
    yield* data
    after = nextCursor ?? undefined
  } while (after !== undefined)
}
