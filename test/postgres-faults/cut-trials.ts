import pLimit from 'p-limit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Moment } from '../../test-support/postgres/postgres-proxy.ts'
import { type Database, emptyServerDatabase } from '../../test-support/server-database.ts'
import type { Scenario } from '../crash/scenario.ts'
import { prepareScheduled, syncWhenDue } from './scheduled-process.ts'

interface CutPoint {
  /** The store call whose transaction it is. */
  readonly call: string
  /** From 1, in the whole run. */
  readonly transaction: number
  readonly moment: Moment
}

const moments: readonly Moment[] = ['begin reply', 'rows', 'before commit', 'commit reply']

/** Declares the trials: the connection is cut at each point that `isTried` picks. */
export function cutReplies(scenario: Scenario, isTried: (point: CutPoint) => boolean): void {
  let base: Database

  beforeAll(async () => {
    base = await emptyServerDatabase({ migrated: true })
    await prepareScheduled(base, scenario)
  })
  afterAll(() => base.drop())

  async function cutAt(transaction: number, moment: Moment): Promise<void> {
    const database = await base.copy()
    // The run began, and its process never learned its token.
    const abandoned = transaction === 1 && moment === 'commit reply' ? 1 : 0
    try {
      await syncWhenDue({ database, scenario, strike: { transaction, moment, act: () => 'cut' }, abandoned })
    } finally {
      await database.drop()
    }
  }

  test('changes no result and no counter', async () => {
    const dry = await base.copy()
    const all = await syncWhenDue({ database: dry, scenario })
    await dry.drop()
    const calls = all.slice(0, all.indexOf('runs.finish') + 1)
    const pages = calls.filter((call) => call === 'resources.commitPage')
    expect(pages, 'every page is tried').toHaveLength(scenario.pages.length)
    const points = calls
      .flatMap((call, index) => moments.map((moment) => ({ call, moment, transaction: index + 1 })))
      .filter(isTried)
    expect(points.length, 'there is something to try').toBeGreaterThan(3)
    const slots = pLimit(3)
    const failures: string[] = []
    await Promise.all(
      points.map(({ call, transaction, moment }) =>
        slots(async () => {
          try {
            await cutAt(transaction, moment)
          } catch (error) {
            failures.push(`${moment} #${transaction} ${call}: ${String(error)}`)
          }
        }),
      ),
    )
    console.log(`${points.length} cuts in ${calls.length} transactions`)
    expect(failures).toEqual([])
  }, 1_800_000)
}
