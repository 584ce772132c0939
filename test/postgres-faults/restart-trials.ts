import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../test-support/database-on.ts'
import type { Moment, Verdict } from '../../test-support/postgres/postgres-proxy.ts'
import {
  type PrivatePostgres,
  type StopMode,
  startPrivatePostgres,
} from '../../test-support/postgres/private-postgres.ts'
import { canonicalSync } from '../crash/canonical-sync.ts'
import { prepareScheduled, syncWhenDue } from './scheduled-process.ts'
import { transactionsOfRun } from './transactions.ts'

interface RestartPoint {
  /** The store call whose transaction it is. */
  readonly call: string
  /** From 1, in the whole run. */
  readonly transaction: number
  readonly moment: Extract<Moment, 'before commit' | 'after commit'>
  readonly mode: StopMode
}

/** Declares the trials: the server restarts at each point that `isTried` picks. */
export function restartAtCommits(isTried: (point: RestartPoint) => boolean): void {
  let server: PrivatePostgres
  let base: Database

  beforeAll(async () => {
    server = await startPrivatePostgres()
    base = await server.database()
    await prepareScheduled(base, canonicalSync)
  })
  afterAll(() => server.stop())

  async function restartAt({ transaction, moment, mode }: RestartPoint): Promise<void> {
    const database = await base.copy()
    await syncWhenDue({
      database,
      scenario: canonicalSync,
      strike: {
        transaction,
        moment,
        async act(): Promise<Verdict> {
          await server.halt(mode)
          await server.start()
          return 'pass'
        },
      },
    })
    await database.drop()
  }

  test('loses nothing, and the schedule ticks again within 90 s', async () => {
    const dry = await base.copy()
    const calls = transactionsOfRun(await syncWhenDue({ database: dry, scenario: canonicalSync }))
    await dry.drop()
    const points = calls.flatMap((call, index) =>
      (['before commit', 'after commit'] as const).flatMap((moment) =>
        (['fast', 'immediate'] as const).map((mode) => ({ call, transaction: index + 1, moment, mode })),
      ),
    )
    const tried = points.filter(isTried)
    expect(tried.length, 'there is something to try').toBeGreaterThan(3)
    const failures: string[] = []
    for (const point of tried) {
      try {
        await restartAt(point)
      } catch (error) {
        const { call, transaction, moment, mode } = point
        failures.push(`${mode} ${moment} #${transaction} ${call}: ${String(error)}`)
      }
    }
    console.log(
      `${tried.length} restarts at ${new Set(tried.map(({ transaction }) => transaction)).size} commits`,
    )
    expect(failures).toEqual([])
  }, 1_800_000)
}
