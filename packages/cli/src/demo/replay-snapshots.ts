import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { openEmbeddedStore } from '@syncline/adapter-postgres'
import { createSyncline, type Run, type Store, SyncError, type Syncline } from '@syncline/core'
import {
  createDirectory,
  directoryConnector,
  readSnapshot,
  replaySnapshot,
  type Snapshot,
  startUpstream,
} from '@syncline/testing/upstream'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { demoReport } from './demo-report.ts'

const types = ['group', 'user'] as const

/** Replays dated snapshots of a real organisation as upstream's states, a full run each. False when a check failed. */
export async function replaySnapshots(terminal: Terminal, folder: string): Promise<boolean> {
  const files = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .toSorted()
    : []
  if (files.length === 0)
    throw new SyncError('OPTIONS_INVALID', `--data ${folder}: no snapshots (NNN-YYYY-MM-DD.json) there`)
  const report = demoReport(terminal)
  const directory = createDirectory({ types: [...types] })
  const upstream = await startUpstream({ directory })
  const store = await openEmbeddedStore()
  const syncline = createSyncline({ store, connectorTypes: [directoryConnector] })
  const config = { baseUrl: upstream.url, token: upstream.token }
  await syncline.connectors.save({ connectorId: 'replay', type: directoryConnector.type, config })
  const rows: (string | number)[][] = []
  try {
    report.chapter(
      `Replay of ${files.length} snapshots: each is upstream's next state, each followed by a full run`,
    )
    for (const file of files) {
      const snapshot = await readSnapshot(join(folder, file))
      replaySnapshot(directory, snapshot)
      for (const resourceType of types) {
        const row = await replayOne({ syncline, store }, snapshot, resourceType)
        terminal.live(`   ${file} ${resourceType}`)
        rows.push(row.cells)
        if (row.problem) report.check(`${file}: ${resourceType}s equal the snapshot`, row.problem, '')
      }
    }
    terminal.settle()
    const head = [
      'snapshot',
      'type',
      'live',
      'added',
      'updated',
      'unchanged',
      'restored',
      'staled',
      'guard',
      'store',
    ]
    for (const line of table(head, rows).split('\n')) report.fact(line)
    const equal = rows.filter((row) => row.at(-1) === 'equal').length
    report.check(
      `after each of ${rows.length} runs the store equals the snapshot`,
      equal,
      files.length * types.length,
    )
    return report.conclude()
  } finally {
    await store.close()
    await upstream.close()
  }
}

async function replayOne(
  { syncline, store }: { readonly syncline: Syncline; readonly store: Store },
  snapshot: Snapshot,
  resourceType: (typeof types)[number],
): Promise<{ readonly cells: (string | number)[]; readonly problem: string }> {
  const scope = { connectorId: 'replay', resourceType }
  const { runId } = await syncline.sync({ ...scope, mode: 'full' })
  const run = await readRun(store, runId)
  let staled = run.stats.staled
  let guard = '–'
  if (run.status === 'guarded') {
    const approval = await syncline.runs.approve({ runId, approvedBy: 'demo' })
    staled = (await readRun(store, approval.runId)).stats.staled
    guard = `stopped ${run.guard?.unseen}, approved`
  }
  const problem = await differenceTo(syncline, snapshot, resourceType)
  const live = await store.resources.count({ ...scope, stale: false })
  const { added, updated, unchanged, restored } = run.stats
  const date = snapshot.at.toISOString().slice(0, 10)
  const verdict = problem === '' ? 'equal' : problem
  return {
    cells: [date, resourceType, live, added, updated, unchanged, restored, staled, guard, verdict],
    problem,
  }
}

async function readRun(store: Store, runId: string): Promise<Run> {
  const run = await store.runs.get(runId)
  if (!run) throw new Error(`run ${runId} is not in the store`)
  return run
}

/** What differs, in words; empty when the live resources are exactly the snapshot's entries with their content. */
async function differenceTo(syncline: Syncline, snapshot: Snapshot, resourceType: string): Promise<string> {
  const entries = new Map(
    (resourceType === 'user' ? snapshot.users : snapshot.groups).map((entry) => [entry.id, entry]),
  )
  for await (const { externalId, displayName, attributes, parent } of syncline.resources.all({
    connectorId: 'replay',
    resourceType,
    stale: false,
  })) {
    const entry = entries.get(externalId)
    if (!entry) return `${externalId} is not in the snapshot`
    entries.delete(externalId)
    const { id, name, parent: parentId, ...rest } = entry
    const same =
      id === externalId &&
      name === displayName &&
      (parentId ?? undefined) === parent?.externalId &&
      Object.entries(rest).every(([key, value]) => JSON.stringify(value) === JSON.stringify(attributes[key]))
    if (!same) return `${externalId} differs`
  }
  const [missing] = entries.keys()
  return missing === undefined ? '' : `${missing} is missing`
}
