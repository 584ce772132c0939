import { globSync } from 'node:fs'
import { join } from 'node:path'
import { openPostgresStore, postgresStore } from '@syncline/adapter-postgres'
import { createSyncline, type Resource, type Store, type Syncline } from '@syncline/core'
import { memoryStore } from '@syncline/core/memory'
import {
  createDirectory,
  type DirectoryEntry,
  directoryConnector,
  readSnapshot,
  replaySnapshot,
  type Snapshot,
  startUpstream,
  type Upstream,
} from '@syncline/testing/upstream'
import { describe, expect, test } from 'vitest'
import { migratedPglite } from '../../test-support/pglite-database.ts'
import { emptyServerDatabase, serverIsAvailable } from '../../test-support/server-database.ts'

// Real data that is not part of the project; the test is skipped where it is not beside it.
const folder =
  process.env.SYNCLINE_SNAPSHOTS ?? join(import.meta.dirname, '../../../shared/data/kubernetes-org')
const files = globSync('*.json', { cwd: folder }).toSorted()

interface Opened {
  readonly store: Store
  readonly close: () => Promise<void>
}

const inMemory = async (): Promise<Opened> => {
  const store = memoryStore()
  return { store, close: () => store.close() }
}

const onPglite = async (): Promise<Opened> => {
  const pglite = await migratedPglite()
  return { store: postgresStore({ pglite }), close: () => pglite.close() }
}

const onServer = async (): Promise<Opened> => {
  const database = await emptyServerDatabase({ migrated: true })
  const store = await openPostgresStore({ connectionString: database.url })
  const close = async (): Promise<void> => {
    await store.close()
    await database.drop()
  }
  return { store, close }
}

describe.skipIf(files.length === 0)('a real organisation over five years', () => {
  test.for([
    ['memory', inMemory, true],
    ['PGlite', onPglite, true],
    ['PostgreSQL', onServer, serverIsAvailable()],
  ] as const)('replays on %s, full and incremental in turn', async ([, openStore, available], { skip }) => {
    if (!available) skip('no PostgreSQL server')
    const directory = createDirectory({ types: ['user', 'group'] })
    const upstream = await startUpstream({ directory })
    const { store, close } = await openStore()
    try {
      await replay({ store, upstream })
    } finally {
      await close()
      await upstream.close()
    }
  })
})

async function replay({ store, upstream }: { store: Store; upstream: Upstream }): Promise<void> {
  // No overlap: store and upstream share a clock here, so an incremental run lists just what changed.
  const syncline = createSyncline({ store, connectorTypes: [directoryConnector], limits: { overlapMs: 0 } })
  const config = { baseUrl: upstream.url, token: upstream.token }
  await syncline.connectors.save({ connectorId: 'k8s', type: directoryConnector.type, config })
  const guarded: string[] = []
  const goneSinceFull = { user: new Set<string>(), group: new Set<string>() }

  for (const [index, file] of files.entries()) {
    const snapshot = await readSnapshot(join(folder, file))
    const before = { user: ids(upstream, 'user'), group: ids(upstream, 'group') }
    const counts = replaySnapshot(upstream.directory, snapshot)
    const mode = index % 2 === 0 ? 'full' : 'incremental'
    for (const type of ['group', 'user'] as const) {
      const scope = { connectorId: 'k8s', resourceType: type }
      const run = await syncline.sync({ ...scope, mode })
      const entries = entriesOf(snapshot, type)
      // Gone for an incremental run only: nobody noticed, so they are not new when they come back.
      const back = entries.filter(({ id }) => goneSinceFull[type].has(id)).length
      for (const { id } of entries) goneSinceFull[type].delete(id)
      for (const id of before[type])
        if (!entries.some((entry) => entry.id === id)) goneSinceFull[type].add(id)
      const gone = goneSinceFull[type]
      if (run.status === 'guarded') {
        guarded.push(`${file} ${type}`)
        await expectEqual(syncline, scope, { entries, gone })
        await syncline.runs.approve({ runId: run.runId, approvedBy: 'replay' })
      } else {
        expect(run, `${file} ${type}`).toMatchObject({ status: 'success', mode: index === 0 ? 'full' : mode })
      }
      if (mode === 'full') gone.clear()
      else expect(run.stats.totalUpstreamRecords).toBeLessThan(entries.length)
      const { added, updated } = type === 'user' ? counts.users : counts.groups
      expect(run.stats.added + run.stats.restored, `${file} ${type}: new`).toBe(added - back)
      expect(run.stats.updated, `${file} ${type}: changed`).toBe(updated + back)
      await expectEqual(syncline, scope, { entries, gone })
    }
  }

  const last = files.at(-1)
  expect(guarded, 'the mass removal trips the guard, nothing else does').toEqual([`${last} user`])
  const again = await syncline.sync({ connectorId: 'k8s', resourceType: 'user', mode: 'full' })
  expect(again.stats).toMatchObject({ added: 0, updated: 0, restored: 0, staled: 0 })
}

const ids = (upstream: Upstream, type: string): string[] =>
  upstream.directory.entries(type).map(({ id }) => id)
const entriesOf = (snapshot: Snapshot, type: 'user' | 'group'): readonly DirectoryEntry[] =>
  type === 'user' ? snapshot.users : snapshot.groups

/** The live resources are the snapshot's entries, content included, and exactly the ones given as gone. */
async function expectEqual(
  syncline: Syncline,
  scope: { connectorId: string; resourceType: string },
  { entries, gone }: { readonly entries: readonly DirectoryEntry[]; readonly gone: ReadonlySet<string> },
): Promise<void> {
  const live = new Map<string, Resource>()
  for await (const resource of syncline.resources.all({ ...scope, stale: false }))
    live.set(resource.externalId, resource)
  const byCode = (one: string, two: string): number => (one < two ? -1 : 1)
  expect([...live.keys()].toSorted(byCode)).toEqual(
    [...entries.map(({ id }) => id), ...gone].toSorted(byCode),
  )
  for (const { id, name, mail: _, parent, ...rest } of entries) {
    const resource = live.get(id)
    const { updatedAt: __, ...attributes } = resource?.attributes ?? {}
    expect({ name: resource?.displayName, parent: resource?.parent?.externalId, attributes }).toEqual({
      name,
      parent: parent ?? undefined,
      attributes: rest,
    })
  }
}
