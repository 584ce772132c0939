import { type RawBuilder, sql } from 'kysely'
import type { ArrayEncoding } from './arrays.ts'
import { isRepeatable, toSyncError } from './pg-errors.ts'

/** Rows on their way into a table. */
export interface Copy {
  /** `copy … from stdin` */
  readonly statement: string
  /** Its bytes. */
  readonly pieces: Iterable<Uint8Array>
}

/** A statement with what goes before and after it. */
export interface Dispatch<Row> {
  /** Only where the session `copies`. */
  readonly copy?: Copy | undefined
  /** Asked for when the copy is on its way: the server is still busy with it. Absent: the copy alone. */
  readonly statement?: (() => RawBuilder<Row>) | undefined
  /** Nothing follows in this transaction. @default false */
  readonly last?: boolean | undefined
}

/** Somewhere to run statements: a transaction, or any connection. */
export interface Session {
  run<Row>(statement: RawBuilder<Row>): Promise<readonly Row[]>
  /** The same for a statement of few texts that runs often: prepared once per connection where that can be had. */
  runPrepared<Row>(statement: RawBuilder<Row>): Promise<readonly Row[]>
  /**
   * The same with a copy before it, and with the commit where it is the last one of a transaction, which then must not
   * be used any further: one round trip where the driver can.
   */
  dispatch<Row>(dispatch: Dispatch<Row>): Promise<readonly Row[]>
  /**
   * Several of them one after the other, none of which needs what another one answers; `last` as of a dispatch.
   * Answers the rows of each.
   */
  runTogether<Row>(
    statements: readonly RawBuilder<Row>[],
    options?: Pick<Dispatch<unknown>, 'last'>,
  ): Promise<readonly (readonly Row[])[]>
  /**
   * Reads tables along their indexes until the transaction ends, whatever the statistics. Nothing to do where
   * transactions begin so.
   */
  alongIndexes(): Promise<void>
  /** Whether rows can be copied. */
  readonly copies: boolean
  /** How arrays travel. */
  readonly arrays: ArrayEncoding
}

/** A way to reach a database. */
export interface Connections {
  /** Any connection. */
  readonly anywhere: Session
  /** Commits what `work` did when it resolves, takes it back when it throws. */
  transaction<Answer>(work: (session: Session) => Promise<Answer>): Promise<Answer>
}

/** A database whose failures are Syncline errors. */
export interface Database {
  /** Statements on their own. */
  read<Answer>(work: (session: Session) => Promise<Answer>): Promise<Answer>
  /** One transaction; `work` runs again when the database broke a deadlock. */
  write<Answer>(work: (session: Session) => Promise<Answer>): Promise<Answer>
  /** How arrays travel. */
  readonly arrays: ArrayEncoding
}

const maxRepeats = 3

/**
 * @param check runs before the first statement, and again until it has passed once
 */
export function databaseOn(connections: Connections, check: (session: Session) => Promise<void>): Database {
  const { anywhere } = connections
  let checked: Promise<void> | undefined
  const ready = (): Promise<void> => {
    checked ??= check(anywhere).catch((error: unknown) => {
      checked = undefined
      throw error
    })
    return checked
  }
  const classified = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    try {
      await ready()
      return await work()
    } catch (error) {
      throw toSyncError(error)
    }
  }
  return {
    arrays: anywhere.arrays,
    read: (work) => classified(() => work(anywhere)),
    write: (work) => classified(() => repeating(anywhere, () => connections.transaction(work))),
  }
}

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

/** `runTogether` where every statement is a round trip. */
export const oneByOne =
  (run: Session['run']): Session['runTogether'] =>
  async <Row>(statements: readonly RawBuilder<Row>[]) => {
    const rows: (readonly Row[])[] = []
    for (const statement of statements) rows.push(await run(statement))
    return rows
  }
