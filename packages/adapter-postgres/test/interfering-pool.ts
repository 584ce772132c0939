import { Writable } from 'node:stream'
import type { PgPool } from '@syncline/adapter-postgres'
import type pg from 'pg'

type Interference = (statement: string, client: pg.PoolClient) => Promise<void>

/** A pool that lets a test act before or after any statement; throwing stands for the server's refusal. */
export function interferingPool(
  pool: pg.Pool,
  before: Interference,
  after: Interference = async () => {},
): PgPool {
  return new Proxy(pool, {
    get(target, property) {
      if (property !== 'connect') return Reflect.get(target, property, target)
      return async () => {
        const client = await target.connect()
        return new Proxy(client, {
          get(owner, field) {
            const value: unknown = Reflect.get(owner, field, owner)
            if (typeof value !== 'function') return value
            if (field !== 'query') return value.bind(owner)
            return (query: { text: string }) => {
              // A COPY is a stream: its answer comes when it ends, so nothing can be done after it.
              if (query instanceof Writable) return owner.query(query as never)
              return send(query)
            }
            async function send(query: { text: string }) {
              await before(query.text, owner)
              const answer = await owner.query(query)
              await after(query.text, owner)
              return answer
            }
          },
        })
      }
    },
  })
}
