import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedStore } from '@syncline/adapter-postgres'
import { createSyncline } from '@syncline/core'
import {
  companyDirectory,
  directoryConnector,
  evolveCompany,
  startUpstream,
} from '@syncline/testing/upstream'
import { count, duration } from '../number-format.ts'
import { showProgress } from '../progress-display.ts'
import { runTable } from '../run-table.ts'
import type { Terminal } from '../terminal.ts'
import { compareWithUpstream, noDifference } from './compare-stores.ts'
import { demoReport } from './demo-report.ts'
import { changesSoFar, type Stage, syncAndRead } from './demo-stage.ts'
import { users } from './killed-process.ts'
import { resumeChapter } from './resume-chapter.ts'

const groups = { ...users, resourceType: 'group' }
const dayMs = 86_400_000

/** The whole story; false when a check failed. */
export async function runCompanyDemo(
  terminal: Terminal,
  size: { readonly people: number; readonly groups: number },
): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'syncline-demo-'))
  const report = demoReport(terminal)
  // The company was founded yesterday: incremental runs do not reach back that far.
  let founded = false
  const now = (): Date => new Date(Date.now() - (founded ? 0 : dayMs))
  const directory = companyDirectory({ ...size, seed: 2026, now })
  founded = true
  const upstream = await startUpstream({ directory })
  const store = await openEmbeddedStore()
  const syncline = createSyncline({
    store,
    connectorTypes: [directoryConnector],
    onEvent: showProgress(terminal),
  })
  const config = { baseUrl: upstream.url, token: upstream.token }
  await syncline.connectors.save({ connectorId: users.connectorId, type: directoryConnector.type, config })
  const stage = { terminal, report, upstream, directory, store, syncline }
  try {
    await firstSync(stage)
    await unchangedRun(stage)
    await incrementalRun(stage)
    await leavers(stage)
    await massRemoval(stage)
    await resumeChapter(stage, join(folder, 'killed'))
    return report.conclude()
  } finally {
    await syncline.stop()
    await store.close()
    await upstream.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function firstSync(stage: Stage): Promise<void> {
  const { report, directory, upstream, terminal, store } = stage
  report.chapter('A company arrives over HTTP')
  report.fact(
    `upstream: ${upstream.url}, ${count(directory.entries('user').length)} users, ${count(directory.entries('group').length)} groups`,
  )
  const runs = [await syncAndRead(stage, groups, 'full'), await syncAndRead(stage, users, 'full')]
  for (const line of runTable(terminal, runs, { ids: false }).split('\n')) report.fact(line)
  for (const scope of [groups, users]) {
    const total = await store.resources.count({ ...scope, stale: false })
    const entries = directory.entries(scope.resourceType).length
    report.check(
      `${count(total)} live ${scope.resourceType}s are stored, as many as upstream has`,
      total,
      entries,
    )
    const difference = await compareWithUpstream(stage.syncline, directory, scope)
    report.check(`every ${scope.resourceType} equals its upstream entry`, difference, noDifference)
  }
}

async function unchangedRun(stage: Stage): Promise<void> {
  const { report, directory } = stage
  report.chapter('A second full run finds nothing to do')
  const before = await changesSoFar(stage, users)
  const { stats } = await syncAndRead(stage, users, 'full')
  report.fact(`${count(stats.unchanged)} unchanged in ${duration(stats.durationMs)}`)
  report.check(
    'every user was met and none was written',
    [stats.unchanged, stats.added + stats.updated],
    [directory.entries('user').length, 0],
  )
  report.check('the change log did not grow', await changesSoFar(stage, users), before)
}

async function incrementalRun(stage: Stage): Promise<void> {
  const { report, directory, upstream } = stage
  report.chapter('People join and move; an incremental run fetches only them')
  const { joined, moved, reassigned } = evolveCompany(directory, { joiners: 120, movers: 80, seed: 1 })
  const changed = moved.length + reassigned.length
  const asked = upstream.requests.length
  const { stats, mode } = await syncAndRead(stage, users, 'incremental')
  report.fact(
    `${mode}: ${count(stats.totalUpstreamRecords)} records in ${upstream.requests.length - asked} request(s)`,
  )
  report.check(
    `${joined.length} added, ${changed} updated`,
    [stats.added, stats.updated],
    [joined.length, changed],
  )
  report.check(
    'the store equals upstream again',
    await compareWithUpstream(stage.syncline, directory, users),
    noDifference,
  )
}

async function leavers(stage: Stage): Promise<void> {
  const { report, directory, store } = stage
  report.chapter('2 % leave; a full run marks them stale')
  const leaving = Math.round(directory.entries('user').length * 0.02)
  evolveCompany(directory, { leavers: leaving, seed: 2 })
  const { status } = await syncAndRead(stage, users, 'full')
  const stale = await store.resources.count({ ...users, stale: true })
  report.fact(`run ${status}: ${count(stale)} stale, kept for 7 days`)
  report.check(`exactly the ${count(leaving)} leavers are stale`, [status, stale], ['success', leaving])
  report.check(
    'the live rest equals upstream',
    await compareWithUpstream(stage.syncline, directory, users),
    noDifference,
  )
}

async function massRemoval(stage: Stage): Promise<void> {
  const { report, directory, syncline, store } = stage
  report.chapter('40 % vanish at once; the removal guard stops it')
  const liveBefore = await store.resources.count({ ...users, stale: false })
  const staleBefore = await store.resources.count({ ...users, stale: true })
  const vanishing = Math.round(liveBefore * 0.4)
  evolveCompany(directory, { leavers: vanishing, seed: 3 })
  const guarded = await syncAndRead(stage, users, 'full')
  const { guard } = guarded
  report.fact(
    `run ${guarded.status}: ${count(guard?.unseen ?? 0)} of ${count(guard?.live ?? 0)} missing, ${count(guard?.limit ?? 0)} allowed unasked`,
  )
  const untouched = await store.resources.count({ ...users, stale: false })
  report.check('nothing was marked stale', [guarded.status, untouched], ['guarded', liveBefore])
  const approval = await syncline.runs.approve({ runId: guarded.runId, approvedBy: 'demo' })
  const stale = await store.resources.count({ ...users, stale: true })
  report.fact(`an operator approves it: run ${approval.status}, ${count(stale - staleBefore)} more are stale`)
  report.check('exactly the approved removals were carried out', stale - staleBefore, vanishing)
  report.check(
    'the live rest equals upstream',
    await compareWithUpstream(syncline, directory, users),
    noDifference,
  )
}
