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
            return async (statement: string, values: unknown[]) => {
              await before(statement, owner)
              const answer = await owner.query(statement, values)
              await after(statement, owner)
              return answer
            }
          },
        })
      }
    },
  })
}
