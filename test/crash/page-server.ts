import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A page as the server gives it out; the cursor of page n is `p{n}`. */
export interface ServedPage {
  readonly resources: readonly unknown[]
}

/** Serves a fixed listing over HTTP and remembers which pages were asked for. */
export interface PageServer {
  readonly url: string
  /** Indexes of the pages asked for since the last `forget`, in order. */
  readonly asked: readonly number[]
  forget(): void
  close(): Promise<void>
}

export async function servePages(pages: readonly ServedPage[]): Promise<PageServer> {
  const asked: number[] = []
  const server = createServer((request, response) => {
    const cursor = new URL(request.url ?? '/', 'http://upstream').searchParams.get('cursor')
    const index = cursor === null ? 0 : Number(cursor.slice(1))
    asked.push(index)
    const nextCursor = index + 1 < pages.length ? `p${index + 1}` : undefined
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ ...pages[index], nextCursor }))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    forget: () => asked.splice(0),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}
