import type { Run, Syncline } from '@syncline/core'

/** A run that is watched for one reader. */
export interface WatchedRun {
  /** Its current state. */
  readonly run: Run
  readonly connectorId: string
  /** Ends the reader quietly. */
  readonly signal: AbortSignal
}

/** More often than proxies and load balancers close what is silent. */
const remindMs = 15_000

/** One look at the store for all readers of a run. */
interface SharedWatcher {
  readonly readers: Set<() => void>
  latest: Run | undefined
  /** Counts the states that were seen. */
  version: number
  /** How watching ended; absent while it continues. */
  end: { readonly error?: unknown } | undefined
  stop(): Promise<void>
}

/**
 * Watches runs for many readers. Readers of one run share its watcher, which ends with the last of them. A reader that
 * is slow gets the newest state next and delays no other reader.
 */
export function watchShared(
  runs: Pick<Syncline['runs'], 'watch'>,
): (watched: WatchedRun) => AsyncGenerator<Run, void, void> {
  const watchers = new Map<string, SharedWatcher>()

  const start = (key: string, { run, connectorId }: WatchedRun): SharedWatcher => {
    const stopping = new AbortController()
    const watcher: SharedWatcher = {
      readers: new Set(),
      latest: undefined,
      version: 0,
      end: undefined,
      async stop() {
        if (watchers.get(key) === watcher) watchers.delete(key)
        stopping.abort()
        await ended
      },
    }
    const follow = async (): Promise<void> => {
      try {
        const { signal } = stopping
        for await (const state of runs.watch(run.runId, { connectorId, signal, remindMs })) {
          watcher.latest = state
          watcher.version += 1
          wakeAll(watcher)
        }
        watcher.end = {}
      } catch (error) {
        watcher.end = stopping.signal.aborted ? {} : { error }
      }
      // The next reader starts a new one.
      if (watchers.get(key) === watcher) watchers.delete(key)
      wakeAll(watcher)
    }
    watchers.set(key, watcher)
    const ended = follow()
    return watcher
  }

  return async function* (watched) {
    const { run, connectorId, signal } = watched
    if (run.finishedAt) {
      yield run
      return
    }
    const key = JSON.stringify([connectorId, run.runId])
    const joined = watchers.get(key)
    const joinedAt = joined?.version
    // The state that a shared watcher saw last may be older than the one this reader's request has read.
    if (joined) yield run
    const watcher = watchers.get(key) ?? start(key, watched)
    yield* statesAfter(watcher === joined ? joinedAt : 0, watcher, signal)
  }
}

async function* statesAfter(
  version: number | undefined,
  watcher: SharedWatcher,
  signal: AbortSignal,
): AsyncGenerator<Run, void, void> {
  let seen = version ?? 0
  let wake = (): void => undefined
  const onNews = (): void => wake()
  watcher.readers.add(onNews)
  signal.addEventListener('abort', onNews)
  try {
    while (!signal.aborted) {
      if (watcher.latest && watcher.version > seen) {
        seen = watcher.version
        yield watcher.latest
      } else if (watcher.end) {
        if ('error' in watcher.end) throw watcher.end.error
        return
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  } finally {
    signal.removeEventListener('abort', onNews)
    watcher.readers.delete(onNews)
    if (watcher.readers.size === 0) await watcher.stop()
  }
}

const wakeAll = ({ readers }: SharedWatcher): void => {
  for (const wake of readers) wake()
}
