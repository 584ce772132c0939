import type { RawBuilder } from 'kysely'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type Database,
  emptyServerDatabase,
  serverIsAvailable,
} from '../../../test-support/server-database.ts'
import type { Session } from '../src/database.ts'
import { isConnectionLost } from '../src/pg-errors.ts'
import { poolConnections } from '../src/pool-connections.ts'

const copyNumbers = 'copy numbers from stdin'
const lines = (...numbers: number[]): Uint8Array => Buffer.from(numbers.map((one) => `${one}\n`).join(''))
const count = sql<{ count: number }>`select count(*)::int as count from numbers`

describe.skipIf(!serverIsAvailable())('statements sent in one round trip', () => {
  let database: Database
  let pool: pg.Pool

  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: false })
    await database.query('create table numbers (number int primary key)')
    pool = new pg.Pool({ connectionString: database.url, max: 1 })
    pool.on('connect', (client) => client.on('error', () => {}))
    pool.on('error', () => {})
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })
  beforeEach(() => database.query('truncate numbers'))

  const transaction = <Answer>(work: (session: Session) => Promise<Answer>): Promise<Answer> =>
    poolConnections(pool, { preparedStatements: true }).transaction(work)
  const stored = async (): Promise<unknown> =>
    (await database.query('select array_agg(number order by number) as numbers from numbers')).rows[0]
      ?.numbers
  const copying = (pieces: Iterable<Uint8Array>, statement: RawBuilder<{ count: number }> = count) =>
    transaction((session) =>
      session.dispatch({
        copy: { statement: copyNumbers, pieces },
        statement: () => statement,
        last: true,
      }),
    )

  test('answer as if they had been sent one by one, and are committed', async () => {
    expect(await copying([lines(1, 2), lines(3)])).toEqual([{ count: 3 }])
    expect(await stored()).toEqual([1, 2, 3])
  })

  test('a statement is made when the rows before it are on their way', async () => {
    const order: string[] = []
    function* pieces(): Generator<Uint8Array> {
      order.push('rows')
      yield lines(1)
    }
    await transaction((session) =>
      session.dispatch({
        copy: { statement: copyNumbers, pieces: pieces() },
        statement: () => {
          order.push('statement')
          return count
        },
        last: true,
      }),
    )
    expect(order).toEqual(['rows', 'statement'])
  })

  test.each([
    { what: 'the copy', pieces: [lines(1, 1)], statement: count, code: '23505' },
    {
      what: 'the statement after it',
      pieces: [lines(1)],
      statement: sql<{ count: number }>`select 1 / 0 as count`,
      code: '22012',
    },
  ])('nothing stays when $what fails, and the connection goes on', async ({ pieces, statement, code }) => {
    await expect(copying(pieces, statement)).rejects.toMatchObject({ code })
    expect(await stored()).toBeNull()
    expect(await copying([lines(1)])).toEqual([{ count: 1 }])
    expect(pool.totalCount).toBe(1)
  })

  test('rows that cannot be made are the error, and nothing stays', async () => {
    function* broken(): Generator<Uint8Array> {
      yield lines(1)
      throw new RangeError('no more numbers')
    }
    await expect(copying(broken())).rejects.toThrow(new RangeError('no more numbers'))
    expect(await stored()).toBeNull()
    expect(await copying([lines(1)])).toEqual([{ count: 1 }])
  })

  test('a statement that cannot be made is the error, and nothing stays', async () => {
    const failing = transaction((session) =>
      session.dispatch({
        copy: { statement: copyNumbers, pieces: [lines(1)] },
        statement: () => {
          throw new RangeError('no statement')
        },
        last: true,
      }),
    )
    await expect(failing).rejects.toThrow(new RangeError('no statement'))
    expect(await stored()).toBeNull()
    expect(await copying([lines(2)])).toEqual([{ count: 1 }])
  })

  test('what is prepared in a round trip is known outside, what was passed over is not', async () => {
    const unmet = sql<{ count: number }>`select count(*)::int + 0 as count from numbers`
    // Passed over: the copy before it fails.
    await expect(copying([lines(1, 1)], unmet)).rejects.toMatchObject({ code: '23505' })
    expect(await copying([lines(1)], unmet)).toEqual([{ count: 1 }])
    expect(await transaction((session) => session.runPrepared(unmet))).toEqual([{ count: 1 }])
    expect(
      await transaction(async (session) => {
        await session.run(sql`select`)
        return session.runPrepared(unmet)
      }),
    ).toEqual([{ count: 1 }])
    const { rows } = await pool.query(
      'select count(*)::int as times from pg_prepared_statements where statement = $1',
      ['select count(*)::int + 0 as count from numbers'],
    )
    expect(rows).toEqual([{ times: 1 }])
  })

  test('a server that is lost while it takes in rows is an error', async () => {
    const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid')
    function* endless(): Generator<Uint8Array> {
      for (let first = 0; ; first += 10_000) {
        if (first === 50_000) void database.query('select pg_terminate_backend($1)', [rows[0]?.pid])
        yield lines(...Array.from({ length: 10_000 }, (__, place) => first + place))
      }
    }
    await expect(copying(endless())).rejects.toSatisfy(isConnectionLost)
    expect(await stored()).toBeNull()
    expect(await copying([lines(1)])).toEqual([{ count: 1 }])
  })

  test('rows wait for the server: they are not piled up in memory', async () => {
    const client = await pool.connect()
    const { stream }: { stream: { writableLength: number } } = Reflect.get(client, 'connection')
    client.release()
    let most = 0
    let made = 0
    function* many(): Generator<Uint8Array> {
      for (let first = 0; first < 1_500_000; first += 10_000) {
        most = Math.max(most, stream.writableLength)
        const piece = lines(...Array.from({ length: 10_000 }, (__, place) => first + place))
        made += piece.length
        yield piece
      }
    }
    expect(await copying(many())).toEqual([{ count: 1_500_000 }])
    expect(made).toBeGreaterThan(10_000_000)
    expect(most).toBeLessThan(100_000)
  })

  test('a transaction in which nothing is sent asks the server for nothing', async () => {
    expect(await transaction(async () => 'answer')).toBe('answer')
  })
})
