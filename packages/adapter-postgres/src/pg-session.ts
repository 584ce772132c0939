import { createHash } from 'node:crypto'
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
} from 'kysely'
import { alongIndexes, alongIndexesLocally } from './along-indexes.ts'
import { arrayBytes } from './array-bytes.ts'
import { type Dispatch, oneByOne, type Session } from './database.ts'
import type { PgClient } from './pg-pool.ts'
import { type PgQueryClass, type PgStatement, RoundTrip, type Step } from './round-trip.ts'

/** Kysely without a database: it makes texts of statements. */
const compiler = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

/** How statements reach the server. */
export interface PgSending {
  readonly client: PgClient
  /** Undefined: not prepared. */
  readonly nameOf: (text: string) => string | undefined
}

/** Statements on their own, planned as the host's own statements are. */
export function pgSession(sending: PgSending): Session {
  const runPrepared: Session['runPrepared'] = (statement) =>
    send(sending, statementOf(sending, statement, true))
  return {
    run: (statement) => send(sending, statementOf(sending, statement, false)),
    runPrepared,
    dispatch: async ({ statement }) => (statement ? runPrepared(statement()) : []),
    runTogether: oneByOne(runPrepared),
    alongIndexes: async () => {},
    copies: false,
    arrays: arrayBytes,
  }
}

/**
 * Runs one statement along indexes, outside a transaction. What is sent up to one Sync is one implicit transaction, so
 * the settings end with the statement. A client that cannot send statements together plans it as it is, and anew each
 * time: a plan that is kept may come from when the tables were empty.
 */
export async function runAlongIndexes<Row>(
  sending: PgSending,
  statement: RawBuilder<Row>,
  prepared: boolean,
): Promise<readonly Row[]> {
  const Query = queryClassOf(sending.client)
  if (!Query) return send(sending, statementOf(sending, statement, false))
  const steps = [settingsOf(sending), statementOf(sending, statement, prepared)]
  const [, rows = []] = await sendTogether<Row>(sending.client, Query, steps)
  return rows
}

const settingsOf = (sending: PgSending): PgStatement => statementOf(sending, alongIndexes, true)

// Whatever the host's default is: the scope lock needs statements that see what was committed before them.
const begin: PgStatement = { text: 'start transaction isolation level read committed', values: [] }
/** The simple protocol takes both at once. */
const beginAlongIndexes: PgStatement = { text: `${begin.text}; ${alongIndexesLocally}`, values: [] }
const commit: PgStatement = { text: 'commit', values: [] }
const rollback: PgStatement = { text: 'rollback', values: [] }

/** A transaction that begins with its first statement, may end with its last, and reads along indexes. */
export class PgTransaction {
  readonly #sending: PgSending
  /** Absent: every statement is a round trip, and nothing is copied. */
  readonly #Query: PgQueryClass | undefined
  #begun = false
  #ended = false

  constructor(sending: PgSending) {
    this.#sending = sending
    this.#Query = queryClassOf(sending.client)
  }

  session(): Session {
    return {
      run: (statement) => this.#run({ statement: () => statement }, false),
      runPrepared: (statement) => this.#run({ statement: () => statement }, true),
      dispatch: (dispatch) => this.#run(dispatch, true),
      runTogether: (statements, options) => this.#runTogether(statements, options),
      // It began so.
      alongIndexes: async () => {},
      copies: this.#Query !== undefined,
      arrays: arrayBytes,
    }
  }

  async commit(): Promise<void> {
    if (this.#begun && !this.#ended) await send(this.#sending, commit)
  }

  async rollback(): Promise<void> {
    if (this.#begun) await send(this.#sending, rollback)
  }

  async #run<Row>({ copy, statement, last }: Dispatch<Row>, prepared: boolean): Promise<readonly Row[]> {
    const sending = this.#sending
    const made = (): PgStatement[] => (statement ? [statementOf(sending, statement(), prepared)] : [])
    function* steps(): Generator<Step> {
      if (copy) yield copy
      yield* made()
    }
    // One in the middle goes pg's own way.
    const alone = this.#begun && !copy && !last
    const [rows = []] = await (alone ? this.#sendEach<Row>(made()) : this.#send<Row>(steps(), last))
    return rows
  }

  async #runTogether<Row>(
    statements: readonly RawBuilder<Row>[],
    { last }: Pick<Dispatch<unknown>, 'last'> = {},
  ): Promise<readonly (readonly Row[])[]> {
    const sending = this.#sending
    const rows = await this.#send<Row>(
      statements.map((statement) => statementOf(sending, statement, true)),
      last,
    )
    return rows.slice(0, statements.length)
  }

  /** With the beginning before the first ones, and the end after the last ones. */
  async #send<Row>(steps: Iterable<Step>, last = false): Promise<readonly (readonly Row[])[]> {
    const begins = !this.#begun
    this.#begun = true
    if (!this.#Query) {
      if (begins) await send(this.#sending, beginAlongIndexes)
      return this.#sendEach<Row>(steps)
    }
    const sending = this.#sending
    function* all(): Generator<Step> {
      if (begins) {
        yield begin
        yield settingsOf(sending)
      }
      yield* steps
      if (last) yield commit
    }
    const rows = await sendTogether<Row>(this.#sending.client, this.#Query, all())
    this.#ended = last
    return begins ? rows.slice(2) : rows
  }

  async #sendEach<Row>(steps: Iterable<Step>): Promise<readonly (readonly Row[])[]> {
    const rows: (readonly Row[])[] = []
    // Copies are made only where they can be sent.
    for (const step of steps) if (!('pieces' in step)) rows.push(await send<Row>(this.#sending, step))
    return rows
  }
}

function statementOf({ nameOf }: PgSending, statement: RawBuilder<unknown>, prepared: boolean): PgStatement {
  const { sql: text, parameters } = statement.compile(compiler)
  const name = prepared ? nameOf(text) : undefined
  return { ...(name && { name }), text, values: [...parameters] }
}

const send = async <Row>({ client }: PgSending, statement: PgStatement): Promise<readonly Row[]> =>
  (await client.query<Row>(statement)).rows

/** The rows of each statement. */
const sendTogether = <Row>(
  client: PgClient,
  Query: PgQueryClass,
  steps: Iterable<Step>,
): Promise<readonly (readonly Row[])[]> =>
  new Promise((resolve, reject) => {
    client.query(
      new RoundTrip(Query, steps, (error, results) => {
        if (error) reject(error)
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the texts of the statements say what rows are
        else resolve(results as readonly (readonly Row[])[])
      }),
    )
  })

/** A client that sends statements ahead of answers by itself takes no others, and the native one has no connection. */
function queryClassOf({ constructor, connection, pipeline }: PgClient): PgQueryClass | undefined {
  if (pipeline || !connection) return undefined
  const Query: unknown = Reflect.get(constructor, 'Query')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a static of pg's client
  return typeof Query === 'function' ? (Query as PgQueryClass) : undefined
}

/** Names prepared statements: the same text has the same name on every connection. */
export function statementNames(): (text: string) => string {
  const names = new Map<string, string>()
  return (text) => {
    const known = names.get(text)
    if (known !== undefined) return known
    const name = `syncline_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
    names.set(text, name)
    return name
  }
}
