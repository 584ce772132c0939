import { type Run, SyncError, type Syncline } from '@syncline/core'
import { type Principal, principalKey } from '../principal.ts'
import { type WatchedRun, watchShared } from './shared-watcher.ts'

/** A reader of the states of one run. */
interface RunStreamRequest extends Pick<WatchedRun, 'run' | 'connectorId' | 'signal'> {
  readonly principal: Principal
}

/** The streams of run states that one API serves. */
export interface RunStreams {
  /**
   * Returns the states of a run, the current one first. All readers of a run share one watcher of the store.
   * @throws TOO_MANY_REQUESTS when the principal has as many streams open as it may
   */
  open(request: RunStreamRequest): AsyncIterable<Run>
}

/** When a place may be free again: streams end with their run, so nothing is known of the next one. */
const retryAfterMs = 5_000

export function createRunStreams(
  { runs }: Pick<Syncline, 'runs'>,
  { maxStreamsPerPrincipal }: { readonly maxStreamsPerPrincipal: number },
): RunStreams {
  const openStreams = new Map<string, number>()
  const watch = watchShared(runs)

  /** @returns the function that gives the place back, once */
  const takePlace = (principal: Principal): (() => void) => {
    const key = principalKey(principal)
    const open = openStreams.get(key) ?? 0
    if (open >= maxStreamsPerPrincipal) {
      throw new SyncError(
        'TOO_MANY_REQUESTS',
        `${open} event streams are open, as many as one caller may have. Close one, or read the run with GET.`,
        { retryAfterMs },
      )
    }
    openStreams.set(key, open + 1)
    let taken = true
    return () => {
      if (!taken) return
      taken = false
      const left = (openStreams.get(key) ?? 1) - 1
      if (left > 0) openStreams.set(key, left)
      else openStreams.delete(key)
    }
  }
  return {
    open({ principal, ...watched }) {
      const giveBack = takePlace(principal)
      // A response that is never read, such as that of HEAD, ends with its signal only.
      if (watched.signal.aborted) giveBack()
      else watched.signal.addEventListener('abort', giveBack, { once: true })
      return endingWith(watch(watched), giveBack)
    },
  }
}

async function* endingWith(states: AsyncIterable<Run>, end: () => void): AsyncGenerator<Run, void, void> {
  try {
    yield* states
  } finally {
    end()
  }
}
