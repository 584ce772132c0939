import { postgresProfileStore, postgresStore, postgresUserDirectory } from '@syncline/adapter-postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serverIsAvailable } from '../../../../test-support/server-database.ts'
import { saveConnector } from '../listing.ts'
import { listingPhases, type Phase, readingPhases } from './listing-phases.ts'
import { insertRuns, operationPhases } from './operation-phases.ts'
import { insertUsers, peoplePhases } from './people-phases.ts'
import { type MeteredDatabase, meteredDatabase, type Touched, totalOf } from './touched-rows.ts'

/** Rows that a phase may touch for each of its records: the same record is met by several of its statements. */
const mostPerRecord = 9
/** Rows of small tables that every statement of a phase touches. */
const atLeast = 1_000

type Statistics = 'were never taken' | 'are from when the tables were empty' | 'are of another scope'

const ways: readonly Statistics[] = [
  'were never taken',
  'are from when the tables were empty',
  'are of another scope',
]

/** Declares that no statement touches more than a constant factor of what it must, whatever statistics there are. */
export function testTouchedRows(count: number): void {
  const timeout = 300_000 + 30 * count
  describe.skipIf(!serverIsAvailable()).each(ways)(`${count} records when statistics %s`, (statistics) => {
    let metered: MeteredDatabase

    beforeAll(async () => {
      metered = await meteredDatabase()
    })
    afterAll(() => metered.close())

    const phasesOf = async (connectorId: string, size: number): Promise<Readonly<Record<string, Phase>>> => {
      const { pool } = metered
      const store = postgresStore({ pool })
      await saveConnector(store, connectorId)
      if (!store.people) throw new Error('This store keeps people')
      const scope = { connectorId, resourceType: 'user' }
      const request = { store, scope, count: size, pageSize: Math.ceil(size / 30) }
      return {
        ...listingPhases(request),
        'users and old runs inserted': {
          records: Number.POSITIVE_INFINITY,
          async run() {
            await pool.query('delete from syncline.local_user')
            await pool.query(insertUsers(size))
            await pool.query(insertRuns(size), [connectorId])
          },
        },
        ...peoplePhases({
          ...request,
          people: store.people,
          users: postgresUserDirectory({ pool }),
          profiles: postgresProfileStore({ pool }),
        }),
        ...readingPhases(request),
        ...operationPhases(request),
      }
    }

    const runAll = async (phases: Readonly<Record<string, Phase>>): Promise<void> => {
      for (const phase of Object.values(phases)) await phase.run()
    }

    test('no phase touches more rows than a constant factor of its records', { timeout }, async () => {
      const { pool, meter } = metered
      if (statistics === 'are from when the tables were empty') {
        await pool.query('vacuum analyze')
        // Often enough for the server to settle on a plan of every prepared statement.
        for (let times = 0; times < 8; times += 1) await runAll(await phasesOf(`tiny-${times}`, 1))
      }
      if (statistics === 'are of another scope') {
        const { 'the connector removed': _removed, ...phases } = await phasesOf(
          'other',
          Math.ceil(count / 10),
        )
        await runAll(phases)
        await pool.query('vacuum analyze')
      }
      const tooMany: Record<string, Touched> = {}
      for (const [name, phase] of Object.entries(await phasesOf('new', count))) {
        const touched = await meter.measure(() => phase.run())
        if (totalOf(touched) > mostPerRecord * phase.records + atLeast) tooMany[name] = touched
      }
      expect(tooMany).toEqual({})
    })
  })
}
