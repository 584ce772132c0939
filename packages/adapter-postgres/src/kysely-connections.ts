import type { Kysely, QueryExecutorProvider } from 'kysely'
import { alongIndexes } from './along-indexes.ts'
import { arrayLiterals } from './array-literals.ts'
import { type Connections, oneByOne, type Session } from './database.ts'
import type { OwnConnection } from './own-connection.ts'

/** Connections of a Kysely instance, whatever its driver. */
export const kyselyConnections = <Tables>(db: Kysely<Tables>): Connections & OwnConnection => ({
  anywhere: sessionOn(db),
  transaction: (work) =>
    db
      .transaction()
      // Whatever the host's default is: the scope lock needs statements that see what was committed before them.
      .setIsolationLevel('read committed')
      .execute((transaction) => work(sessionOn(transaction))),
  alone: (work) => db.connection().execute((connection) => work(sessionOn(connection))),
})

function sessionOn(executor: QueryExecutorProvider): Session {
  const run: Session['run'] = async (statement) => (await statement.execute(executor)).rows
  const dispatch: Session['dispatch'] = async ({ statement }) => (statement ? run(statement()) : [])
  return {
    run,
    runPrepared: run,
    dispatch,
    runTogether: oneByOne(run),
    async alongIndexes() {
      await run(alongIndexes)
    },
    copies: false,
    arrays: arrayLiterals,
  }
}
