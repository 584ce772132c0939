import { SyncError } from '@syncline/core'
import { z } from 'zod'
import type { HttpRequest } from '../requests/http-request.ts'
import type { HttpResponse } from '../requests/http-response.ts'
import type { PageTurn, Paginator, TurnedPage } from './paginator.ts'

/** What an export job says about itself. */
export type ExportStatus =
  | { readonly state: 'waiting' }
  /** The parts to fetch, by name, in order. */
  | { readonly state: 'ready'; readonly parts: readonly string[] }
  /** The job is gone or went wrong: a full listing begins. */
  | { readonly state: 'failed' }

export interface ExportJobOptions {
  /** The id of the job that the stream's request began. */
  readonly jobId: (response: HttpResponse) => string
  readonly status: (jobId: string) => HttpRequest
  readonly readStatus: (response: HttpResponse) => ExportStatus
  /** Fetches one part: a page. */
  readonly part: (jobId: string, part: string) => HttpRequest
  /** Between two looks at the job. @default 5_000 */
  readonly pollMs?: number | undefined
  /** How long one page waits for the job; then an empty page goes on. Stay below the engine's `callTimeoutMs`. @default 60_000 */
  readonly pollForMs?: number | undefined
}

const cursorSchema = z.object({
  job: z.string(),
  /** Grows with every empty page, because a cursor must not come back. */
  turn: z.number().int().nonnegative(),
  part: z.number().int().nonnegative(),
})
type JobCursor = z.output<typeof cursorSchema>

/**
 * Begins an export, waits for it, and reads its parts as pages. The job is in the cursor, so another process goes on
 * with it.
 */
export function exportJob(options: ExportJobOptions): Paginator {
  return {
    async readPage(turn) {
      if (turn.cursor === undefined) {
        const response = await turn.send(turn.request)
        const cursor: JobCursor = { job: options.jobId(response), turn: 0, part: 0 }
        return { response, items: [], next: JSON.stringify(cursor) }
      }
      return readPart(options, turn, parseCursor(turn.cursor))
    },
  }
}

async function readPart(options: ExportJobOptions, turn: PageTurn, cursor: JobCursor): Promise<TurnedPage> {
  const { response, parts } = await waitForJob(options, turn, cursor.job)
  if (!parts) return { response, items: [], next: JSON.stringify({ ...cursor, turn: cursor.turn + 1 }) }
  const name = parts[cursor.part]
  if (name === undefined) return { response, items: [], next: undefined }
  const part = await turn.send(options.part(cursor.job, name))
  const isLast = cursor.part + 1 >= parts.length
  const next = isLast ? undefined : JSON.stringify({ ...cursor, part: cursor.part + 1 })
  return { response: part, items: part.empty ? [] : turn.select(part), next }
}

/** No parts: it takes longer. */
async function waitForJob(
  { status, readStatus, pollMs = 5_000, pollForMs = 60_000 }: ExportJobOptions,
  { send, clock, signal }: PageTurn,
  job: string,
): Promise<{ readonly response: HttpResponse; readonly parts?: readonly string[] }> {
  const until = clock.now().getTime() + pollForMs
  for (;;) {
    const response = await send(status(job))
    const found = readStatus(response)
    if (found.state === 'ready') return { response, parts: found.parts }
    if (found.state === 'failed') {
      throw new SyncError('DELTA_EXPIRED', 'The export failed or is gone; a full listing begins')
    }
    if (clock.now().getTime() + pollMs > until) return { response }
    await clock.sleep(pollMs, signal)
  }
}

function parseCursor(cursor: string): JobCursor {
  try {
    return cursorSchema.parse(JSON.parse(cursor))
  } catch (cause) {
    throw new SyncError('DELTA_EXPIRED', 'The cursor is not one of an export; a full listing begins', {
      cause,
    })
  }
}
