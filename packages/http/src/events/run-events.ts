import { hash } from 'node:crypto'
import { isSyncError, type Run } from '@syncline/core'
import { runDocument, toRunDocument } from '../schemas/run.ts'

/** How long a reader waits before it connects again. */
const retryMs = 2_000

interface RunEvent {
  readonly id: string
  readonly text: string
}

/** A run as a server-sent event. Its id is made of what it says, so every process gives one state the same id. */
export function runEvent(run: Run): RunEvent {
  // JSON has no line breaks of its own: one line of data.
  const data = JSON.stringify(runDocument.parse(toRunDocument(run)))
  const id = hash('sha256', data, 'base64url').slice(0, 22)
  return { id, text: `id: ${id}\nevent: ${run.finishedAt ? 'finished' : 'progress'}\ndata: ${data}\n\n` }
}

export interface EventReader {
  /** What the reader has seen. An id of no present state is as good as none: the present state is sent. */
  readonly lastEventId?: string | undefined
  /** Ends the stream quietly. */
  readonly signal: AbortSignal
}

/**
 * The states of a run as a stream of events; ends after `finished`. A state that the reader knows is a comment: it
 * only says that the connection stands. States are read when the reader takes them, so a slow one holds up nothing
 * and gets the newest next. A run that is removed ends the stream.
 */
export async function* runEvents(
  runs: AsyncIterable<Run>,
  { lastEventId, signal }: EventReader,
): AsyncGenerator<string, void, void> {
  let known = lastEventId
  yield `retry: ${retryMs}\n\n`
  try {
    for await (const run of runs) {
      const { id, text } = runEvent(run)
      yield id === known ? ': still there\n\n' : text
      known = id
    }
  } catch (error) {
    if (!signal.aborted && !isSyncError(error, 'RUN_NOT_FOUND')) throw error
  }
}
