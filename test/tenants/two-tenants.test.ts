import { postgresStore } from '@syncline/adapter-postgres'
import type { Store } from '@syncline/core'
import { memoryStore } from '@syncline/core/memory'
import { describe, expect, test } from 'vitest'
import { emptyTables } from '../../packages/adapter-postgres/test/empty-tables.ts'
import { migratedPglite } from '../../test-support/pglite-database.ts'
import {
  idOf,
  methodsOf,
  requestOf,
  scopeOf,
  setTwoTenants,
  snapshotOf,
  type TwoTenants,
} from './two-tenants.ts'

const connectorId = idOf('north')
const scope = scopeOf('north')
const owner = { tenantId: 'north' }
/** What north asks for by name and does not own. */
const theirs = idOf('south')
const settle = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => String(error))
const all = async (items: AsyncIterable<unknown>): Promise<readonly unknown[]> => {
  const found: unknown[] = []
  for await (const item of items) found.push(item)
  return found
}

/** What north does with each method: its own call, and where the method takes an owner, one for what south has. */
const cases: Readonly<Record<string, (of: TwoTenants) => Promise<unknown>>> = {
  start: ({ syncline }) => syncline.start({ work: false }),
  stop: ({ syncline }) => syncline.stop(),
  sync: ({ syncline }) => syncline.sync(scope),
  trigger: ({ syncline }) => syncline.trigger(scope),
  syncAll: ({ syncline }) => syncline.syncAll(owner),
  status: ({ syncline }) => syncline.status(scope),
  'connectors.save': ({ syncline }) =>
    settle(syncline.connectors.save({ connectorId: theirs, ...owner, type: 'scripted', name: 'Taken' })).then(
      (said) => {
        expect(said).toContain('does not belong to tenant "north"')
        return undefined
      },
    ),
  'connectors.get': ({ syncline }) => syncline.connectors.get(theirs, owner),
  'connectors.list': ({ syncline }) => syncline.connectors.list(owner),
  'connectors.pause': ({ syncline }) => refused(syncline.connectors.pause({ connectorId: theirs, ...owner })),
  'connectors.resume': ({ syncline }) =>
    refused(syncline.connectors.resume({ connectorId: theirs, ...owner })),
  'connectors.move': ({ syncline }) =>
    refused(syncline.connectors.move({ connectorId: theirs, from: 'north', to: 'east' })),
  'connectors.remove': async ({ syncline }) => [
    await syncline.connectors.remove(theirs, owner),
    await syncline.connectors.remove(connectorId, owner),
  ],
  'connectors.check': ({ syncline }) => refused(syncline.connectors.check(theirs, owner)),
  'credentials.save': ({ syncline }) =>
    syncline.credentials.save({ ...owner, ref: 'hr', values: { token: 'other' } }),
  'credentials.list': ({ syncline }) => syncline.credentials.list(owner),
  'credentials.remove': ({ syncline }) => syncline.credentials.remove({ ...owner, ref: 'hr' }),
  'configs.save': ({ syncline }) => syncline.configs.save({ ...scope, pageSize: 7 }),
  'configs.get': ({ syncline }) => syncline.configs.get(scope),
  'configs.list': async ({ syncline }) => [
    await syncline.configs.list(owner),
    await syncline.configs.list({ ...owner, connectorId: theirs }),
  ],
  'configs.remove': ({ syncline }) => syncline.configs.remove(scope),
  'runs.get': ({ syncline, ids }) => syncline.runs.get(ids.get('south')?.runId ?? '', owner),
  'runs.list': ({ syncline }) => syncline.runs.list(owner),
  'runs.paged': ({ syncline }) => syncline.runs.paged(owner),
  'runs.wait': ({ syncline, ids }) => refused(syncline.runs.wait(ids.get('south')?.runId ?? '', owner)),
  'runs.watch': ({ syncline, ids }) =>
    refused(all(syncline.runs.watch(ids.get('south')?.runId ?? '', owner))),
  'runs.cancel': ({ syncline, ids }) => syncline.runs.cancel(ids.get('south')?.runId ?? '', owner),
  'runs.approve': ({ syncline, ids }) => refused(syncline.runs.approve(approvalOf(ids))),
  'runs.queueApproval': ({ syncline, ids }) => refused(syncline.runs.queueApproval(approvalOf(ids))),
  'jobs.counts': async ({ syncline }) => {
    expect(await syncline.jobs.counts(owner)).toMatchObject({ dead: 1 })
  },
  'jobs.deadLetters': ({ syncline }) => syncline.jobs.deadLetters(owner),
  'jobs.redrive': ({ syncline, ids }) => syncline.jobs.redrive(ids.get('south')?.jobId ?? '', owner),
  'resources.get': ({ syncline }) => syncline.resources.get({ ...scope, externalId: '1' }),
  'resources.list': async ({ syncline }) => [
    await syncline.resources.list({ connectorId }),
    await syncline.resources.list({ connectorId: theirs, ...owner }),
  ],
  'resources.slice': ({ syncline }) => syncline.resources.slice({ ...owner, limit: 10, connectorId }),
  'resources.lookUp': ({ syncline }) => syncline.resources.lookUp({ ...scope, externalId: '1' }),
  'resources.all': ({ syncline }) => all(syncline.resources.all({ connectorId })),
  'resources.upsert': ({ syncline }) =>
    syncline.resources.upsert(scope, { externalId: '1', displayName: 'New', attributes: {} }),
  'resources.remove': ({ syncline }) => syncline.resources.remove({ ...scope, externalId: '1' }),
  'cache.clear': ({ syncline }) => syncline.cache.clear({ connectorId }),
  'webhooks.receive': ({ syncline }) =>
    settle(syncline.webhooks.receive({ connectorId, headers: {}, body: new Uint8Array() })),
  'webhooks.setSecret': ({ syncline }) => syncline.webhooks.setSecret({ connectorId }),
  'webhooks.removeSecret': ({ syncline }) => syncline.webhooks.removeSecret({ connectorId }),
  'webhooks.state': ({ syncline }) => syncline.webhooks.state({ connectorId }),
  'changes.read': ({ syncline }) => syncline.changes.read(scope),
  'quarantine.list': async ({ syncline }) => [
    await syncline.quarantine.list({ connectorId }),
    await syncline.quarantine.list({ connectorId: theirs, ...owner }),
  ],
  'quarantine.slice': ({ syncline }) =>
    syncline.quarantine.slice({ connectorId: theirs, ...owner, limit: 10 }),
  'postSync.run': ({ syncline }) => syncline.postSync.run(scope),
  'postSync.plan': ({ syncline }) => syncline.postSync.plan(scope),
  'postSync.apply': async ({ syncline }) => syncline.postSync.apply(await syncline.postSync.plan(scope)),
  'postSync.runs': ({ syncline }) => syncline.postSync.runs(scope),
  'postSync.actions': ({ syncline }) => syncline.postSync.actions(owner),
  'postSync.undo': ({ syncline }) => settle(syncline.postSync.undo({ actionId: 'nothing', by: 'operator' })),
  'postSync.deliver': ({ syncline }) => syncline.postSync.deliver(),
  'matches.list': ({ syncline }) => syncline.matches.list(scope),
  'matches.slice': ({ syncline }) => syncline.matches.slice({ ...scope, limit: 10 }),
  'matches.stats': ({ syncline }) => syncline.matches.stats(scope),
  'matches.get': ({ syncline, ids }) => refused(syncline.matches.get(foreignMatch(ids))),
  'matches.resolve': ({ syncline, ids }) =>
    refused(syncline.matches.resolve({ ...foreignMatch(ids), action: 'skip', resolvedBy: 'operator' })),
  'matches.unlink': ({ syncline, ids }) =>
    refused(syncline.matches.unlink({ ...foreignMatch(ids), resolvedBy: 'operator' })),
  'matches.bulkResolve': ({ syncline, ids }) => {
    const matchIds = [foreignMatch(ids).matchId]
    return syncline.matches.bulkResolve({ connectorId, matchIds, action: 'skip', resolvedBy: 'operator' })
  },
  'requests.effectId': ({ syncline }) => syncline.requests.effectId(requestOf('north')),
  'requests.once': ({ syncline }) =>
    syncline.requests.once({ ...requestOf('north'), key: 'key-2' }, async () => 'done'),
}

const approvalOf = (ids: TwoTenants['ids']) => ({
  ...owner,
  runId: ids.get('south')?.runId ?? '',
  approvedBy: 'operator',
})

const foreignMatch = (ids: TwoTenants['ids']) => ({ connectorId, matchId: ids.get('south')?.matchId ?? '' })

/** North asks for what south has: the call must be refused, whatever its code. */
async function refused(work: Promise<unknown>): Promise<void> {
  await expect(work).rejects.toMatchObject({ name: 'SyncError', code: expect.stringContaining('_NOT_FOUND') })
}

const inMemory = async () => ({ next: async (): Promise<Store> => memoryStore(), close: async () => {} })
const onPglite = async () => {
  const pglite = await migratedPglite()
  const next = async (): Promise<Store> => {
    await pglite.exec(emptyTables)
    return postgresStore({ pglite })
  }
  return { next, close: () => pglite.close() }
}

describe.each([
  { name: 'memory', open: inMemory },
  { name: 'PGlite', open: onPglite },
])('two tenants on $name', ({ open }) => {
  test('no method of one shows or changes anything of the other', async () => {
    const { next, close } = await open()
    for (const [method, call] of Object.entries(cases)) {
      const stage = await setTwoTenants(await next())
      expect(methodsOf(stage.syncline).toSorted(), 'a case for each method').toEqual(
        Object.keys(cases).toSorted(),
      )
      const before = await snapshotOf(stage, 'south')
      const result = JSON.stringify(await call(stage)) ?? ''
      expect(result, method).not.toContain('south')
      expect(await snapshotOf(stage, 'south'), method).toBe(before)
    }
    await close()
  }, 300_000)
})
