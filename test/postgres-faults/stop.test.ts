import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline } from '@syncline/core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type PostgresProxy, startPostgresProxy } from '../../test-support/postgres/postgres-proxy.ts'
import { type Database, emptyServerDatabase, serverIsAvailable } from '../../test-support/server-database.ts'
import { comeDue } from '../concurrency/come-due.ts'
import { pageConnector } from '../crash/page-connector.ts'

const boundMs = 5_000
/** What a busy machine may add. */
const slackMs = 1_000

interface Stopped {
  readonly stopMs: number
  readonly closeMs: number
  readonly uncaught: readonly string[]
}

/** A listing that goes on for as long as somebody asks. */
const upstream = createServer((request, response) => {
  const page = Number(new URL(request.url ?? '/', 'http://upstream').searchParams.get('cursor') ?? 0)
  const resources = [{ externalId: String(page), displayName: `Person ${page}`, attributes: {} }]
  response.end(JSON.stringify({ resources, nextCursor: String(page + 1) }))
})

/** A bound for a process that must end by itself; it is not waited for when it does. */
const later = (ms: number): Promise<false> =>
  new Promise((resolve) => {
    setTimeout(() => resolve(false), ms).unref()
  })

describe.skipIf(!serverIsAvailable())('a process that is told to stop in the middle of a run', () => {
  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      upstream.listen(0, '127.0.0.1', resolve)
    })
  })
  afterAll(() => {
    upstream.closeAllConnections()
    upstream.close()
  })

  /** A scope with a run that is due and would go on for ever. */
  async function makeDue(database: Database): Promise<void> {
    const store = await openPostgresStore({ connectionString: database.url })
    const host = createSyncline({ store, connectorTypes: [pageConnector] })
    const { port } = upstream.address() as AddressInfo
    await host.connectors.save({
      connectorId: 'endless',
      type: 'pages',
      config: { url: `http://127.0.0.1:${port}` },
    })
    const scope = { connectorId: 'endless', resourceType: 'user' }
    await host.configs.save({ ...scope, enabled: true, cronSchedule: '0 0 1 1 *' })
    await comeDue(store, scope)
    await store.close()
  }

  async function stopWhile(disturb: (proxy: PostgresProxy) => Promise<void>): Promise<Stopped> {
    const database = await emptyServerDatabase({ migrated: true })
    await makeDue(database)
    const proxy = await startPostgresProxy(database.url)
    const child = fork(join(import.meta.dirname, 'stop.child.ts'), [proxy.url], {
      execArgv: ['--conditions=@syncline/source'],
    })
    try {
      const exited = once(child, 'exit').then(() => true)
      const said: (Partial<Stopped> & { event?: string })[] = []
      child.on('message', (message) => said.push(message as (typeof said)[number]))
      const progress = () =>
        expect(said.filter(({ event }) => event === 'run.progress').length).toBeGreaterThan(2)
      await vi.waitFor(progress, { timeout: 60_000 })
      await disturb(proxy)
      child.send('stop')
      await vi.waitFor(() => expect(said.at(-1)?.stopMs).toBeDefined(), { timeout: 30_000 })
      expect(await Promise.race([exited, later(boundMs)]), 'nothing keeps the process alive').toBe(true)
      return said.at(-1) as Stopped
    } finally {
      child.kill('SIGKILL')
      await proxy.close()
      await database.drop()
    }
  }

  test.concurrent.for([
    ['gone', (proxy: PostgresProxy) => proxy.close()],
    ['hung', async (proxy: PostgresProxy) => proxy.blackHole()],
  ] as const)('stops within 5 s, PostgreSQL %s', async ([how, disturb]) => {
    const { stopMs, closeMs, uncaught } = await stopWhile(disturb)
    console.log(`${how}: stop ${Math.round(stopMs)} ms, close ${Math.round(closeMs)} ms`)
    expect(stopMs).toBeLessThan(boundMs + slackMs)
    expect(closeMs).toBeLessThan(boundMs)
    expect(uncaught).toEqual([])
  })
})
