import type { RedisClient } from '../redis-client.ts'

/** One life of a server process, as seen through one connection. */
interface ServerLife {
  readonly runId: string
}

/** Knows which server process answers. */
export interface ServerWatch {
  /** The life of the server at the other end; undefined where it has to be asked for. */
  readonly known: ServerLife | undefined
  /** Asks for it, once per connection. */
  ask(): Promise<ServerLife>
  stop(): void
}

/**
 * A server that was restarted from an older snapshot, or the replica that took over for it, may never have heard of
 * an invalidation. So whatever is kept counts only for the life of the server that it was stored in, which
 * `INFO server` names with its `run_id`.
 */
export function watchServer(client: RedisClient): ServerWatch {
  let asking: Promise<ServerLife> | undefined
  let known: ServerLife | undefined
  const forget = (): void => {
    asking = undefined
    known = undefined
  }
  client.on('close', forget)
  const ask = async (): Promise<ServerLife> => {
    const { promise, resolve, reject } = Promise.withResolvers<ServerLife>()
    asking = promise
    promise.catch(() => undefined)
    try {
      const [, runId] = /^run_id:(\w+)/m.exec(await client.info('server')) ?? []
      if (runId === undefined) throw new Error('INFO server names no run_id')
      if (asking !== promise) throw new Error('the connection broke')
      known = { runId }
      resolve(known)
    } catch (error) {
      if (asking === promise) asking = undefined
      reject(error)
    }
    return promise
  }
  return {
    get known() {
      return known
    },
    ask: () => asking ?? ask(),
    stop() {
      client.off('close', forget)
    },
  }
}
