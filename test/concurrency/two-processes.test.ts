import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline } from '@syncline/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, emptyServerDatabase, serverIsAvailable } from '../../test-support/server-database.ts'
import { pageConnector } from '../crash/page-connector.ts'

const rounds = 200
const connectorId = 'contended'

/** Answers a page only when it is told to: the run that got in stays in until the other was turned away. */
async function gatedUpstream() {
  let asked = 0
  const { promise: opened, resolve: open } = Promise.withResolvers<void>()
  let gate = { opened, open }
  const server = createServer(async (_, response) => {
    asked += 1
    await gate.opened
    response.end(JSON.stringify({ resources: [{ externalId: '1', displayName: 'One', attributes: {} }] }))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Requests since the last call. */
    take: () => [asked, (asked = 0)][0],
    open: () => gate.open(),
    shut() {
      const next = Promise.withResolvers<void>()
      gate = { opened: next.promise, open: next.resolve }
    },
    close: () => server.close(),
  }
}

describe.skipIf(!serverIsAvailable())('two processes triggered at the same time', () => {
  let database: Database
  let upstream: Awaited<ReturnType<typeof gatedUpstream>>
  let children: ChildProcess[]

  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: true })
    upstream = await gatedUpstream()
    const store = await openPostgresStore({ connectionString: database.url })
    const syncline = createSyncline({ store, connectorTypes: [pageConnector] })
    await syncline.connectors.save({ connectorId, type: 'pages', config: { url: upstream.url } })
    await syncline.configs.save({ connectorId, resourceType: 'user' })
    await store.close()
    children = [0, 1].map(() =>
      fork(join(import.meta.dirname, 'sync.child.ts'), [database.url, connectorId], {
        execArgv: ['--conditions=@syncline/source'],
      }),
    )
    await Promise.all(children.map((child) => once(child, 'message')))
  })
  afterAll(async () => {
    const exits = children.map((child) => once(child, 'exit'))
    for (const child of children) child.kill()
    await Promise.all(exits)
    upstream.close()
    await database.drop()
  })

  test(`exactly one runs, ${rounds} rounds`, async () => {
    for (let round = 0; round < rounds; round++) {
      upstream.shut()
      const answers = children.map(async (child) => {
        const [answer] = (await once(child, 'message')) as [{ status?: string; code?: string }]
        return answer
      })
      for (const child of children) child.send('sync')
      // Had both got in, neither would be turned away and this would wait until the test times out.
      const firstAnswer = await Promise.race(answers)
      expect(firstAnswer, `round ${round}`).toEqual({ code: 'SYNC_ALREADY_RUNNING' })
      upstream.open()
      const outcomes = (await Promise.all(answers)).map(({ status, code }) => status ?? code)
      expect(new Set(outcomes), `round ${round}`).toEqual(new Set(['SYNC_ALREADY_RUNNING', 'success']))
      expect(upstream.take(), `round ${round}`).toBe(1)
    }
    const { rows } = await database.query(
      `select count(*)::int as runs, count(distinct fencing_token)::int as tokens from syncline.sync_run`,
    )
    expect(rows).toEqual([{ runs: rounds, tokens: rounds }])
  })
})
