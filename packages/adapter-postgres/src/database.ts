import { type Kysely, type QueryExecutorProvider, type RawBuilder, sql } from 'kysely'
import { isRepeatable, toSyncError } from './pg-errors.ts'

/** Somewhere to run statements: a transaction, or any connection. */
export interface Session {
  run<Row>(statement: RawBuilder<Row>): Promise<readonly Row[]>
}

/** A database whose failures are Syncline errors. */
export interface Database {
  /** Statements on their own. */
  read<Answer>(work: (session: Session) => Promise<Answer>): Promise<Answer>
  /** One transaction; `work` runs again when the database broke a deadlock. */
  write<Answer>(work: (session: Session) => Promise<Answer>): Promise<Answer>
}

const maxRepeats = 3

/**
 * @param check runs before the first statement, and again until it has passed once
 */
export function databaseOn<Tables>(db: Kysely<Tables>, check: (session: Session) => Promise<void>): Database {
  const anyConnection = sessionOn(db)
  let checked: Promise<void> | undefined
  const ready = (): Promise<void> => {
    checked ??= check(anyConnection).catch((error: unknown) => {
      checked = undefined
      throw error
    })
    return checked
  }
  const inTransaction = <Answer>(work: (session: Session) => Promise<Answer>): Promise<Answer> =>
    db
      .transaction()
      // Whatever the host's default is: the scope lock needs statements that see what was committed before them.
      .setIsolationLevel('read committed')
      .execute((transaction) => work(sessionOn(transaction)))
  const classified = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    try {
      await ready()
      return await work()
    } catch (error) {
      throw toSyncError(error)
    }
  }
  return {
    read: (work) => classified(() => work(anyConnection)),
    write: (work) => classified(() => repeating(anyConnection, () => inTransaction(work))),
  }
}

const sessionOn = (executor: QueryExecutorProvider): Session => ({
  run: async (statement) => (await statement.execute(executor)).rows,
})

async function repeating<Answer>(session: Session, attempt: () => Promise<Answer>): Promise<Answer> {
  for (let repeats = 1; ; repeats++) {
    try {
      return await attempt()
    } catch (error) {
      if (!isRepeatable(error) || repeats > maxRepeats) throw error
      // The database waits and throws the dice: this package has no timers and no randomness of its own.
      await session.run(sql`select pg_sleep(${repeats}::float8 * 0.05 * random())`)
    }
  }
}
