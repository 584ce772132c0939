import { type ContractHost, type ContractServer, testHttpApi } from '@syncline/testing'
import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { synclineHttp } from '../src/index.ts'
import { type PlantedBug, plantedApiBugs } from './planted-api-bugs.ts'

interface Case {
  readonly name: string
  readonly run: () => Promise<void>
}

/** The cases of the suite over the plugin with a mistake in it, not run yet. */
function casesOver(bug: Pick<PlantedBug, 'syncline' | 'app'>): readonly Case[] {
  const cases: Case[] = []
  testHttpApi({
    describe: (_, declare) => declare(),
    test: (name, run) => cases.push({ name, run }),
    serve: (host) => serveBroken(host, bug),
  })
  return cases
}

async function serveBroken(
  { syncline, authorize }: ContractHost,
  bug: Pick<PlantedBug, 'syncline' | 'app'>,
): Promise<ContractServer> {
  const app = Fastify({ forceCloseConnections: true })
  bug.app?.(app)
  await app.register(synclineHttp, {
    syncline: { ...syncline, ...bug.syncline?.(syncline) },
    rateLimit: false,
    authorize: ({ headers }, permission, connectorId) =>
      authorize(headers.authorization, permission, connectorId),
  })
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  return { baseUrl: `${address}/api`, close: () => app.close() }
}

test('testHttpApi names each case once', () => {
  const names = casesOver({}).map(({ name }) => name)
  expect(names.length).toBeGreaterThan(40)
  expect(new Set(names).size).toBe(names.length)
})

test.each(Object.entries(plantedApiBugs))('testHttpApi goes red when %s', async (_, { caughtBy, ...bug }) => {
  const found = casesOver(bug).filter(({ name }) => name.startsWith(caughtBy))
  expect(found).toHaveLength(1)
  await expect(found[0]?.run()).rejects.toBeInstanceOf(Error)
})
