import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
} from 'kysely'
import { from as copyFrom } from 'pg-copy-streams'
import { arrayBytes } from './array-bytes.ts'
import type { Session } from './database.ts'
import type { PgClient } from './pg-pool.ts'

/** Kysely without a database: it makes texts of statements. */
const compiler = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

/** A session on a client of pg: arrays travel as bytes, statements may be prepared, rows may be copied in. */
export function pgSession(client: PgClient, nameOf: (text: string) => string | undefined): Session {
  const send = async <Row>(statement: RawBuilder<Row>, prepared: boolean): Promise<readonly Row[]> => {
    const { sql: text, parameters } = statement.compile(compiler)
    const name = prepared ? nameOf(text) : undefined
    const { rows } = await client.query<Row>({ ...(name && { name }), text, values: [...parameters] })
    return rows
  }
  return {
    run: (statement) => send(statement, false),
    runPrepared: (statement) => send(statement, true),
    arrays: arrayBytes,
    // A client that sends statements ahead of answers cannot copy.
    ...(!client.pipeline && { copy: (statement, pieces) => copy(client, statement, pieces) }),
  }
}

/** Piece by piece: while the server takes one in, the next one is made. */
async function copy(client: PgClient, statement: string, pieces: Iterable<Uint8Array>): Promise<void> {
  const stream = client.query(copyFrom(statement))
  await pipeline(Readable.from(pieces, { highWaterMark: 1 }), stream)
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
