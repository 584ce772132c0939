import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline, type Store, type SyncEvent, type Syncline } from '@syncline/core'
import { recordingSink, scriptedConnector } from '@syncline/testing'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Database, emptyServerDatabase, serverIsAvailable } from '../../test-support/server-database.ts'
import { pageConnector } from '../crash/page-connector.ts'
import { comeDue } from './come-due.ts'

const rounds = 20
const scope = { connectorId: 'acme', resourceType: 'user' }
const record = { externalId: '1', displayName: 'One', attributes: {} }

describe.skipIf(!serverIsAvailable())('two processes that tick one schedule on one database', () => {
  let database: Database
  let stores: Store[]
  const connector = scriptedConnector({ resourceTypes: { user: { pages: [[record]] } } })
  const sink = recordingSink()

  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: true })
    stores = await Promise.all([0, 1].map(() => openPostgresStore({ connectionString: database.url })))
  })
  afterAll(async () => {
    for (const store of stores) await store.close()
    await database.drop()
  })

  const startable = (store: Store): Syncline =>
    createSyncline({ store, connectorTypes: [connector], onEvent: sink.onEvent })

  test(`yield one run, ${rounds} rounds`, async () => {
    const [store] = stores
    if (!store) throw new Error('no store')
    const first = startable(store)
    await first.connectors.save({ connectorId: 'acme', type: connector.type })
    await first.configs.save({ ...scope, enabled: true, cronSchedule: '0 0 1 1 *' })
    for (let round = 1; round <= rounds; round++) {
      await comeDue(store, scope)
      const processes = stores.map(startable)
      const finished = sink.next('run.finished')
      // Each looks at the schedules as it starts, finds one due and adds a job to its own queue.
      await Promise.all(processes.map((syncline) => syncline.start()))
      await finished
      await Promise.all(processes.map((syncline) => syncline.stop()))
      expect(sink.of('run.started').length, `round ${round}`).toBe(round)
      const nextRunAt = (await store.configs.get(scope))?.nextRunAt
      expect(nextRunAt?.toISOString(), `round ${round}`).toMatch(/^\d{4}-01-01T00:0/)
    }
    expect(connector.requests).toHaveLength(rounds)
  })
})

describe.skipIf(!serverIsAvailable())(
  'a worker that is killed with -9 in the middle of a scheduled run',
  () => {
    const scheduled = { connectorId: 'killed', resourceType: 'user' }
    let database: Database
    let store: Store
    const children: ChildProcess[] = []
    let asked = 0
    // The first page is never answered: whoever asks for it is in the middle of a run.
    const upstream = createServer((_, response) => {
      asked += 1
      if (asked > 1) response.end(JSON.stringify({ resources: [record] }))
    })

    beforeAll(async () => {
      database = await emptyServerDatabase({ migrated: true })
      store = await openPostgresStore({ connectionString: database.url })
      await new Promise<void>((resolve) => {
        upstream.listen(0, '127.0.0.1', resolve)
      })
    })
    afterAll(async () => {
      for (const child of children) child.kill('SIGKILL')
      upstream.closeAllConnections()
      upstream.close()
      await store.close()
      await database.drop()
    })

    const startWorker = () => {
      const child = fork(join(import.meta.dirname, 'worker.child.ts'), [database.url], {
        execArgv: ['--conditions=@syncline/source'],
      })
      children.push(child)
      const kinds: SyncEvent['kind'][] = []
      child.on('message', (event: SyncEvent) => kinds.push(event.kind))
      /** Waits until the worker told so many events of a kind. */
      const told = (kind: SyncEvent['kind'], times: number): Promise<void> =>
        vi.waitFor(() => expect(kinds.filter((each) => each === kind)).toHaveLength(times), {
          timeout: 20_000,
        })
      return { child, told }
    }

    test('is replaced: another one ends the run, and the schedule ticks again', async () => {
      const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
      const host = createSyncline({ store, connectorTypes: [pageConnector] })
      await host.connectors.save({ connectorId: 'killed', type: 'pages', config: { url } })
      await host.configs.save({ ...scheduled, enabled: true, cronSchedule: '0 0 1 1 *' })
      await comeDue(store, scheduled)

      const first = startWorker()
      await first.told('run.started', 1)
      await vi.waitFor(() => expect(asked).toBe(1), { timeout: 10_000 })
      first.child.kill('SIGKILL')
      await once(first.child, 'exit')

      const second = startWorker()
      await second.told('run.finished', 1)
      await comeDue(store, scheduled)
      await second.told('run.finished', 2)
      const runs = await host.runs.list()
      expect(runs.map(({ status, error }) => error?.code ?? status)).toEqual([
        'success',
        'success',
        'RUN_ABANDONED',
      ])
    })
  },
)
