import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ListPage } from '@syncline/core'
import type { ServedPage } from '../crash/page-server.ts'

/** A page, and for how long whoever reads it blocks. */
export interface HeldPage extends ListPage {
  readonly blockMs?: number | undefined
}

/** What happens to the first request for a page. */
export type FirstAnswer = 'none' | { readonly blockMs: number }

/** A listing over HTTP, some of whose pages are not answered as usual when they are first asked for. */
export async function serveHeldPages(pages: readonly ServedPage[], first: ReadonlyMap<number, FirstAnswer>) {
  const asked: number[] = []
  const server = createServer((request, response) => {
    const cursor = new URL(request.url ?? '/', 'http://upstream').searchParams.get('cursor') ?? 'p0'
    const index = Number(cursor.slice(1))
    const answer = asked.includes(index) ? undefined : first.get(index)
    asked.push(index)
    if (answer === 'none') return
    const nextCursor = index + 1 < pages.length ? `p${index + 1}` : undefined
    response.end(JSON.stringify({ ...pages[index], nextCursor, ...answer }))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Indexes of the pages asked for, in order. */
    asked: asked as readonly number[],
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
