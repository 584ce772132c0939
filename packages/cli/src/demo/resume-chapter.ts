import { setTimeout as wait } from 'node:timers/promises'
import { openEmbeddedStore } from '@syncline/adapter-postgres'
import { createSyncline, isSyncError, type Run, type Syncline } from '@syncline/core'
import { directoryConnector } from '@syncline/testing/upstream'
import { showProgress } from '../progress-display.ts'
import { compareWithUpstream, noDifference } from './compare-stores.ts'
import type { Stage } from './demo-stage.ts'
import { killAfterPages, users } from './killed-process.ts'

const pages = 24
const pagesBeforeDeath = 8
const pollMs = 200

/** Kills a syncing process with SIGKILL and lets another go on. */
export async function resumeChapter(stage: Stage, folder: string): Promise<void> {
  const { report, upstream, directory, terminal } = stage
  report.chapter('The process is killed in the middle; the next run goes on')
  const asked = upstream.requests.length
  const pageSize = Math.ceil(directory.entries('user').length / pages)
  const signal = await killAfterPages(
    { folder, url: upstream.url, token: upstream.token, pageSize },
    pagesBeforeDeath,
  )
  const askedByTheDead = upstream.requests.slice(asked).map(({ cursor }) => cursor)
  const store = await openEmbeddedStore({ dataDir: folder })
  try {
    const [dead] = await store.runs.list({ ...users, limit: 1 })
    report.fact(
      `killed by ${signal} after ${dead?.checkpoint.pages} stored pages; the run still says ${dead?.status}`,
    )
    report.check('the process was killed while it ran', [signal, dead?.status], ['SIGKILL', 'running'])

    const onEvent = showProgress(terminal)
    const syncline = createSyncline({
      store,
      connectorTypes: [directoryConnector],
      onEvent,
      limits: { lookAhead: 0 },
    })
    const { runId } = await onceTheLeaseEnds(syncline)
    const run = await store.runs.get(runId)
    const askedAgain = upstream.requests
      .slice(asked + askedByTheDead.length)
      .filter(({ cursor }) => askedByTheDead.includes(cursor)).length
    report.fact(
      `run ${run?.status}: ${run?.stats.pagesProcessed} pages in all, ${askedAgain} of them asked for again`,
    )
    const total = await store.resources.count({ ...users, stale: false })
    report.check(
      'the same listing was resumed',
      [run?.resumedFrom, run?.generation],
      [dead?.runId, dead?.generation],
    )
    report.check('at most one page was asked for again', askedAgain <= 1, true)
    report.check(
      'the counters are those of one uninterrupted run',
      run?.stats.added,
      directory.entries('user').length,
    )
    report.check('all users are there', total, directory.entries('user').length)
    report.check(
      'the store equals upstream',
      await compareWithUpstream(syncline, directory, users),
      noDifference,
    )
  } finally {
    await store.close()
  }
}

/** The dead process's lease runs out by itself. */
async function onceTheLeaseEnds(syncline: Syncline): Promise<Run> {
  for (;;) {
    try {
      return await syncline.sync(users)
    } catch (error) {
      if (!isSyncError(error, 'SYNC_ALREADY_RUNNING')) throw error
      await wait(pollMs)
    }
  }
}
