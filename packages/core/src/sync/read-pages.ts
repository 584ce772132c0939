import { SyncError } from '../errors.ts'
import type { Checkpoint } from '../model/run.ts'
import type { Lease } from '../ports/run-store.ts'
import { callConnector } from './call-connector.ts'
import type { EngineContext } from './engine-context.ts'
import { maxRecordsOf, parseListAnswer, type RawPage } from './list-answer.ts'
import { type PreparedPage, preparePage } from './prepare-page.ts'
import { createRepeatedPages } from './repeated-pages.ts'
import type { RunJob } from './run-job.ts'
import type { StageClock } from './stage-clock.ts'

/** A page that is ready to be committed, with the checkpoint that stands after it. */
export interface ReadPage extends PreparedPage {
  readonly received: number
  readonly totalEstimate: number | undefined
  readonly checkpoint: Checkpoint
  /** Nothing comes after this page. */
  readonly last: boolean
}

export interface PageReader {
  /** Fetches and prepares the page at a checkpoint. */
  read(at: Checkpoint): Promise<ReadPage>
}

export interface ReaderRequest {
  readonly job: RunJob
  readonly lease: Lease
  readonly signal: AbortSignal
  readonly stages: StageClock
  readonly onRetry: (attempt: number, waitMs: number, error: SyncError) => void
}

/** Lists page by page. All state is in the checkpoint, but for the cursors and contents met by this process. */
export function createPageReader(engine: EngineContext, request: ReaderRequest): PageReader {
  const { job, lease, stages } = request
  const { config } = job
  const met = new Set<string>()
  const repeated = createRepeatedPages(engine.limits.maxRepeatedPages)

  return {
    async read(at) {
      if (at.cursor !== undefined) met.add(at.cursor)
      const page = await stages.time('fetchMs', () => fetchPage(engine, request, at))
      const { nextCursor } = page
      if (nextCursor !== undefined && met.has(nextCursor)) throw cursorRepeated(at.pages + 1)
      const emptyPages = page.records.length === 0 ? at.emptyPages + 1 : 0
      if (nextCursor !== undefined && emptyPages > engine.limits.maxEmptyPages) {
        throw tooManyEmptyPages(emptyPages)
      }
      const maxRecords = config.filterRules?.maxRecords ?? Number.POSITIVE_INFINITY
      const holdsSecret = engine.redactor.knowsSecrets() ? engine.redactor.finds : undefined
      if (nextCursor !== undefined && holdsSecret?.(nextCursor)) throw secretInCursor(at.pages + 1)
      const rules = { passes: job.passes, recipe: job.recipe, holdsSecret, capacity: maxRecords - at.kept }
      const prepared = await inTurns(engine, stages, preparePage(page.records, rules))
      const kept = at.kept + prepared.records.length
      const capped = prepared.capped || (kept >= maxRecords && nextCursor !== undefined)
      const last = capped || nextCursor === undefined
      if (!last) repeated.note({ ...prepared, pageNumber: at.pages + 1 }, page.records)
      await engine.store.resources.encodeAhead?.({ lease, records: prepared.records }, engine.nextTurn)
      return {
        ...prepared,
        received: page.records.length,
        totalEstimate: page.totalEstimate,
        checkpoint: {
          ...at,
          cursor: capped ? undefined : nextCursor,
          pages: at.pages + 1,
          emptyPages,
          kept,
          capped,
        },
        last,
      }
    },
  }
}

/** Asks the connector for the page at a checkpoint. */
function fetchPage(
  engine: EngineContext,
  { job, signal, onRetry }: ReaderRequest,
  { cursor, modifiedSince }: Checkpoint,
): Promise<RawPage> {
  const { config, resource, context } = job
  const { pageSize, filterRules: filter } = config
  const command = resource.command ?? defaultCommand(config.resourceType)
  const maxPageRecords = maxRecordsOf(engine.limits.maxPageRecords, pageSize)
  return callConnector(engine, {
    command,
    signal,
    onRetry,
    async ask(callSignal) {
      const page = { cursor, pageSize, maxPageRecords, filter, modifiedSince }
      const answer = await resource.list({ command, ...page, signal: callSignal }, context)
      return parseListAnswer(command, answer, maxPageRecords)
    },
  })
}

/** Prepares a page slice by slice: between two of them, the page before goes on being written. */
async function inTurns(
  engine: EngineContext,
  stages: StageClock,
  work: ReturnType<typeof preparePage>,
): Promise<PreparedPage> {
  for (;;) {
    const slice = stages.timeSync('transformMs', () => work.next())
    if (slice.done) return slice.value
    await engine.nextTurn()
  }
}

/** `user` → `listUsers`, `user_role` → `listUserRoles` */
const defaultCommand = (resourceType: string): string =>
  `list${resourceType.replace(/(?:^|[_-])([a-z0-9])/g, (_, first: string) => first.toUpperCase())}s`

const cursorRepeated = (page: number): SyncError =>
  new SyncError(
    'CURSOR_REPEATED',
    `Page ${page} points back to a page of this listing; the connector's paging is wrong, nothing was marked stale`,
    { details: { page } },
  )

/** The cursor is kept in the run's row. */
const secretInCursor = (page: number): SyncError =>
  new SyncError(
    'CONNECTOR_ANSWER_INVALID',
    `The next cursor of page ${page} holds a secret of the credential; the connector must take it out and add it again when it asks`,
    { details: { page } },
  )

const tooManyEmptyPages = (count: number): SyncError =>
  new SyncError('TOO_MANY_EMPTY_PAGES', `${count} empty pages in a row; the listing does not seem to end`, {
    details: { emptyPages: count },
  })
