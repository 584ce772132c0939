import { SyncError } from '../errors.ts'
import type { Checkpoint } from '../model/run.ts'
import type { EngineContext } from './engine-context.ts'
import type { Execution } from './execution.ts'
import { announce, announceProgress } from './progress.ts'
import { tallyRejected } from './quarantine-tally.ts'
import { createPageReader, type ReadPage } from './read-pages.ts'
import { retryStore } from './store-retry.ts'

/**
 * Reads a listing to its end, committing page by page; page k+1 is fetched while page k is written.
 */
export async function listResources(engine: EngineContext, execution: Execution): Promise<void> {
  const { held, job, stages } = execution
  const reader = createPageReader(engine, {
    job,
    lease: held.lease,
    signal: held.signal,
    stages,
    onRetry: (attempt, waitMs, error) =>
      announce(engine, execution, {
        kind: 'run.retrying',
        attempt,
        waitMs,
        error: { code: error.code, message: error.message },
      }),
  })
  // Store time, as of the last answer: a page that is asked for now is younger.
  let storeTime = execution.run.startedAt
  const read = (at: Checkpoint): AskedPage => ({ page: reader.read(at), askedAfter: storeTime })
  let next: AskedPage | undefined = read(execution.checkpoint)
  for (;;) {
    const { askedAfter } = next
    const page: ReadPage = await next.page
    const ahead = !page.last && engine.limits.lookAhead > 0
    next = ahead ? read(page.checkpoint) : undefined
    // A failure of the page ahead is met when its turn comes; until then it must not count as unhandled.
    next?.page.catch(() => undefined)
    storeTime = await commitPage(engine, execution, { ...page, askedAfter })
    if (page.last) return
    checkLimits(engine, execution)
    next ??= read(page.checkpoint)
  }
}

interface AskedPage {
  readonly page: Promise<ReadPage>
  readonly askedAfter: Date
}

/** Answers the store's time. */
async function commitPage(
  engine: EngineContext,
  execution: Execution,
  page: ReadPage & Pick<AskedPage, 'askedAfter'>,
): Promise<Date> {
  const { held, run, stages } = execution
  held.signal.throwIfAborted()
  const { records, excluded, rejected, received, totalEstimate, askedAfter, checkpoint } = page
  const commit = {
    lease: held.lease,
    generation: run.generation,
    pageNumber: checkpoint.pages,
    records,
    excluded,
    rejected,
    received,
    totalEstimate,
    askedAfter,
    checkpoint,
    timings: stages.timings,
  }
  const result = await stages.time('writeMs', () =>
    retryStore(engine, held.signal, () => engine.store.resources.commitPage(commit)),
  )
  execution.checkpoint = checkpoint
  execution.stats = result.stats
  execution.totalEstimate = totalEstimate ?? execution.totalEstimate
  execution.pagesCommitted += 1
  tallyRejected(execution.quarantined, rejected)
  announceProgress(engine, execution)
  held.noteCancel(result.cancelRequested)
  return result.at
}

function checkLimits(engine: EngineContext, execution: Execution): void {
  const { maxPages, maxRecords } = engine.limits
  const { pagesCommitted, stats, run } = execution
  const received = stats.totalUpstreamRecords - run.stats.totalUpstreamRecords
  const what =
    pagesCommitted >= maxPages
      ? `${maxPages} pages`
      : maxRecords !== undefined && received >= maxRecords
        ? `${maxRecords} records`
        : undefined
  if (what)
    throw new SyncError('RUN_LIMIT_REACHED', `The run reached its limit of ${what}; the next one goes on`)
}
