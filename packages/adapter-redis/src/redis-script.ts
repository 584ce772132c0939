import { createHash } from 'node:crypto'
import type { RedisClient } from './redis-client.ts'

/** A Lua script: one atomic step on the server. */
export interface RedisScript {
  run(client: RedisClient, keys: readonly string[], values: readonly (string | number)[]): Promise<unknown>
}

export function redisScript(source: string): RedisScript {
  const sha = createHash('sha1').update(source).digest('hex')
  return {
    async run(client, keys, values) {
      const given = [...keys, ...values.map(String)]
      try {
        return await client.evalsha(sha, keys.length, ...given)
      } catch (error) {
        // A server that was restarted or flushed its scripts has to be told again.
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
        return client.eval(source, keys.length, ...given)
      }
    },
  }
}
