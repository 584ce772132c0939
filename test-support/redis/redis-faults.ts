import type { RedisServer } from './start-redis.ts'

/** How a server goes wrong, and how it recovers. */
export interface RedisFault {
  readonly begin: (server: RedisServer) => Promise<unknown>
  readonly end: (server: RedisServer) => Promise<unknown>
}

const config = (name: string, value: string) => (server: RedisServer) =>
  server.command(['config', 'set', name, value])

/** With the server's usual policy, `noeviction`. */
export const outOfMemory: RedisFault = { begin: config('maxmemory', '1'), end: config('maxmemory', '0') }

/** It became the replica of a server that nobody has heard of. */
export const readOnly: RedisFault = {
  begin: (server) => server.command(['replicaof', '127.0.0.1', '1']),
  end: (server) => server.command(['replicaof', 'no', 'one']),
}

/** By what became of the server. */
export const redisFaults = {
  killed: { begin: (server) => server.kill(), end: (server) => server.restart() },
  hung: { begin: async (server) => server.hang(), end: async (server) => server.goOn() },
  flushed: { begin: (server) => server.command(['flushall']), end: async () => undefined },
  'out of memory': outOfMemory,
  'read-only': readOnly,
} satisfies Readonly<Record<string, RedisFault>>
