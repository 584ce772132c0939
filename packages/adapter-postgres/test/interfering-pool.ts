import type { PgPool } from '@syncline/adapter-postgres'
import type pg from 'pg'

type Interference = (statement: string, client: pg.PoolClient) => Promise<void>

/**
 * A pool that lets a test act before or after any statement; throwing stands for the server's refusal. Its clients show
 * no connection, so that each statement is a round trip.
 */
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
            if (field === 'connection') return undefined
            const value: unknown = Reflect.get(owner, field, owner)
            if (typeof value !== 'function') return value
            if (field !== 'query') return value.bind(owner)
            return async (query: { text: string }) => {
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
