import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline, type Store } from '@syncline/core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Database, emptyServerDatabase } from '../../test-support/server-database.ts'
import { pageConnector } from '../crash/page-connector.ts'
import { comeDue } from './come-due.ts'

const scope = { connectorId: 'due', resourceType: 'user' }
/** Two processes that start further apart than this do not start together. */
const togetherMs = 50
const soon = { timeout: 60_000, interval: 2 }

interface Said {
  readonly kind: string
  readonly beganAt?: number
}

/** Declares the trial: two processes start while a scope is due, so many times. */
export function startTogether(rounds: number): void {
  let database: Database
  let store: Store
  let children: { readonly child: ChildProcess; said: Said[] }[]
  const upstream = createServer((_, response) => {
    response.end(JSON.stringify({ resources: [{ externalId: '1', displayName: 'One', attributes: {} }] }))
  })

  beforeAll(async () => {
    database = await emptyServerDatabase({ migrated: true })
    store = await openPostgresStore({ connectionString: database.url })
    await new Promise<void>((resolve) => {
      upstream.listen(0, '127.0.0.1', resolve)
    })
    const { port } = upstream.address() as AddressInfo
    const host = createSyncline({ store, connectorTypes: [pageConnector] })
    await host.connectors.save({
      connectorId: 'due',
      type: 'pages',
      config: { url: `http://127.0.0.1:${port}` },
    })
    await host.configs.save({ ...scope, enabled: true, cronSchedule: '0 0 1 1 *' })
    children = [0, 1].map(() => {
      const child = fork(join(import.meta.dirname, 'start.child.ts'), [database.url], {
        execArgv: ['--conditions=@syncline/source'],
      })
      const each = { child, said: [] as Said[] }
      child.on('message', (said) => each.said.push(said as Said))
      return each
    })
    await bothSay('ready')
  })
  afterAll(async () => {
    const exits = children.map(({ child }) => once(child, 'exit'))
    for (const { child } of children) child.kill()
    await Promise.all(exits)
    upstream.closeAllConnections()
    upstream.close()
    await store.close()
    await database.drop()
  })

  const countOf = (kind: string): number[] =>
    children.map(({ said }) => said.filter((each) => each.kind === kind).length)
  const sumOf = (kind: string): number => countOf(kind).reduce((sum, count) => sum + count, 0)
  const bothSay = (kind: string): Promise<void> =>
    vi.waitFor(() => expect(countOf(kind)).toEqual([1, 1]), soon)

  /** Resolves with how far apart they started. */
  async function round(): Promise<number> {
    await comeDue(store, scope)
    for (const each of children) each.said = []
    for (const { child } of children) child.send('start')
    await bothSay('up')
    await vi.waitFor(() => expect(sumOf('run.finished')).toBe(1), soon)
    for (const { child } of children) child.send('stop')
    await bothSay('down')
    expect(sumOf('run.started')).toBe(1)
    const [first = 0, second = 0] = children.map(
      ({ said }) => said.find(({ kind }) => kind === 'up')?.beganAt,
    )
    return Math.abs(first - second)
  }

  test(`run what is due once, ${rounds} rounds within ${togetherMs} ms`, async () => {
    const distances: number[] = []
    let tried = 0
    for (; distances.length < rounds && tried < 2 * rounds; tried++) {
      const distance = await round()
      if (distance <= togetherMs) distances.push(distance)
    }
    distances.sort((a, b) => a - b)
    console.log(
      `${distances.length} of ${tried} rounds together: ${distances[rounds >> 1]?.toFixed(1)} ms apart in the middle, ${distances.at(-1)?.toFixed(1)} at most`,
    )
    expect(distances, 'rounds in which they started together').toHaveLength(rounds)
    const runs = await store.runs.list({ ...scope, limit: 1_000 })
    expect(runs).toHaveLength(tried)
    for (const [index, run] of runs.entries()) {
      const before = runs[index + 1]
      if (before)
        expect(Number(before.finishedAt), 'one at a time').toBeLessThanOrEqual(Number(run.startedAt))
    }
  }, 1_200_000)
}
