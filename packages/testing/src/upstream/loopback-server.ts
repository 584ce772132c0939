import { createServer, type RequestListener, type Server } from 'node:http'

/** A server on a free port of 127.0.0.1. */
export interface LoopbackServer {
  /** `http://127.0.0.1:…` without a slash at the end. */
  readonly url: string
  /** Stops listening and ends every connection, also those in the middle of an answer. Repeatable. */
  close(): Promise<void>
}

export async function startLoopbackServer(onRequest: RequestListener): Promise<LoopbackServer> {
  const server = createServer(onRequest)
  // Idle connections stay: a client that reuses one just as it times out would see a reset nobody injected.
  server.keepAliveTimeout = 0
  const port = await listen(server)
  let closing: Promise<void> | undefined
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      closing ??= close(server)
      return closing
    },
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address !== null && typeof address === 'object') resolve(address.port)
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()))
    server.closeAllConnections()
  })
}
