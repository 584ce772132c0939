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
/** Two processes that begin further apart than this do not begin together. */
const togetherMs = 50
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

  /** Resolves with how far apart they began. */
  async function round(number: number): Promise<number> {
    upstream.shut()
    const answers = children.map(async (child) => {
      const [answer] = (await once(child, 'message')) as [{ beganAt: number; outcome: string }]
      return answer
    })
    for (const child of children) child.send('sync')
    // Had both got in, neither would be turned away and this would wait until the test times out.
    const firstAnswer = await Promise.race(answers)
    expect(firstAnswer.outcome, `round ${number}`).toBe('SYNC_ALREADY_RUNNING')
    upstream.open()
    const both = await Promise.all(answers)
    const outcomes = new Set(both.map(({ outcome }) => outcome))
    expect(outcomes, `round ${number}`).toEqual(new Set(['SYNC_ALREADY_RUNNING', 'success']))
    expect(upstream.take(), `round ${number}`).toBe(1)
    const [first, second] = both
    return Math.abs((first?.beganAt ?? 0) - (second?.beganAt ?? Number.POSITIVE_INFINITY))
  }

  test(`exactly one runs, ${rounds} rounds within ${togetherMs} ms`, async () => {
    let together = 0
    let tried = 0
    for (; together < rounds && tried < 2 * rounds; tried++) {
      if ((await round(tried)) <= togetherMs) together += 1
    }
    expect(together, 'rounds in which they began together').toBe(rounds)
    const { rows } = await database.query(
      `select count(*)::int as runs, count(distinct fencing_token)::int as tokens from syncline.sync_run`,
    )
    expect(rows).toEqual([{ runs: tried, tokens: tried }])
  })
})
