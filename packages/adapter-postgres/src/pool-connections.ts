import { arrayBytes } from './array-bytes.ts'
import type { Connections, Session } from './database.ts'
import type { OwnConnection } from './own-connection.ts'
import { isConnectionLost } from './pg-errors.ts'
import type { PgClient, PgPool } from './pg-pool.ts'
import { pgSession, statementNames } from './pg-session.ts'

interface PoolOptions {
  /** Whether statements may be prepared: behind some poolers they must not. */
  readonly preparedStatements: boolean
}

/** Connections of a `pg.Pool`, used without a driver in between. */
export function poolConnections(
  pool: PgPool,
  { preparedStatements }: PoolOptions,
): Connections & OwnConnection {
  const nameOf = preparedStatements ? statementNames() : () => undefined
  const anywhere: Session = {
    run: (statement) => connected(pool, (client) => pgSession(client, nameOf).run(statement)),
    runPrepared: (statement) => connected(pool, (client) => pgSession(client, nameOf).runPrepared(statement)),
    arrays: arrayBytes,
  }
  return {
    anywhere,
    alone: (work) => connected(pool, (client) => work(pgSession(client, nameOf))),
    transaction: (work) =>
      connected(pool, async (client, giveUp) => {
        // Whatever the host's default is: the scope lock needs statements that see what was committed before them.
        await control(client, 'start transaction isolation level read committed')
        try {
          const answer = await work(pgSession(client, nameOf))
          await control(client, 'commit')
          return answer
        } catch (error) {
          // What went wrong first is what the caller needs to know.
          if (!isConnectionLost(error)) await control(client, 'rollback').catch(giveUp)
          throw error
        }
      }),
  }
}

const control = (client: PgClient, text: string): Promise<unknown> => client.query({ text, values: [] })

async function connected<Answer>(
  pool: PgPool,
  work: (client: PgClient, giveUp: () => void) => Promise<Answer>,
): Promise<Answer> {
  const client = await pool.connect()
  let lost = false
  const giveUp = (): void => {
    lost = true
  }
  try {
    return await work(client, giveUp)
  } catch (error) {
    lost ||= isConnectionLost(error)
    throw error
  } finally {
    // A connection that is lost or stuck is thrown away, not given back.
    client.release(lost)
  }
}
