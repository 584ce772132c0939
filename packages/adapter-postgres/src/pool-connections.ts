import type { RawBuilder } from 'kysely'
import { arrayBytes } from './array-bytes.ts'
import { type Connections, oneByOne, type Session } from './database.ts'
import type { OwnConnection } from './own-connection.ts'
import { isConnectionLost } from './pg-errors.ts'
import type { GuardedPool, PgClient } from './pg-pool.ts'
import { PgTransaction, pgSession, runAlongIndexes, statementNames } from './pg-session.ts'

interface PoolOptions {
  /** Whether statements may be prepared: behind some poolers they must not. */
  readonly preparedStatements: boolean
}

/** Connections of a `pg.Pool`, used without a driver in between. */
export function poolConnections(
  pool: Pick<GuardedPool, 'connect'>,
  { preparedStatements }: PoolOptions,
): Connections & OwnConnection {
  const nameOf = preparedStatements ? statementNames() : () => undefined
  const alone = <Answer>(work: (session: Session) => Promise<Answer>): Promise<Answer> =>
    connected(pool, (client) => work(pgSession({ client, nameOf })))
  const once = <Row>(statement: RawBuilder<Row>, prepared: boolean): Promise<readonly Row[]> =>
    connected(pool, (client) => runAlongIndexes({ client, nameOf }, statement, prepared))
  const runPrepared: Session['runPrepared'] = (statement) => once(statement, true)
  return {
    anywhere: {
      run: (statement) => once(statement, false),
      runPrepared,
      dispatch: async ({ statement }) => (statement ? runPrepared(statement()) : []),
      runTogether: oneByOne(runPrepared),
      alongIndexes: async () => {},
      copies: false,
      arrays: arrayBytes,
    },
    alone,
    transaction: (work) =>
      connected(pool, async (client, giveUp) => {
        const transaction = new PgTransaction({ client, nameOf })
        try {
          const answer = await work(transaction.session())
          await transaction.commit()
          return answer
        } catch (error) {
          // What went wrong first is what the caller needs to know.
          if (!isConnectionLost(error)) await transaction.rollback().catch(giveUp)
          throw error
        }
      }),
  }
}

async function connected<Answer>(
  pool: Pick<GuardedPool, 'connect'>,
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
