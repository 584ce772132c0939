import { type Clock, isSyncError, SyncError } from '@syncline/core'

export interface CircuitBreakerOptions {
  /** Failures in a row that open it. @default 5 */
  readonly failures?: number | undefined
  /** How long it stays open before one request may try. @default 30_000 */
  readonly openMs?: number | undefined
}

/**
 * ```
 * closed     requests go through
 * open       upstream failed again and again: nothing is sent until `until`
 * half_open  one request is trying; the others are refused until it has ended
 * ```
 */
export type CircuitState =
  | { readonly state: 'closed'; readonly failures: number }
  | { readonly state: 'open'; readonly until: Date }
  | { readonly state: 'half_open' }

/** Keeps requests from an upstream that does not answer. */
export interface CircuitBreaker {
  /**
   * @throws UPSTREAM_UNAVAILABLE without calling `work` while it is open, with `retryAfterMs`, and half open; else
   * what `work` throws
   */
  run<Result>(work: () => Promise<Result>): Promise<Result>
  state(): CircuitState
}

type State =
  | { readonly kind: 'closed'; readonly failures: number }
  | { readonly kind: 'open'; readonly until: number }
  | { readonly kind: 'half_open' }

/** Upstream's own trouble; a refusal or a throttle is an answer. */
const isTrouble = (error: unknown): boolean => isSyncError(error, 'UPSTREAM_UNAVAILABLE', 'UPSTREAM_TIMEOUT')
/** Upstream has answered, if only to refuse; a rate limit of our own has no status. */
const isAnswer = (error: unknown): boolean => isSyncError(error) && error.details?.status !== undefined

export function createCircuitBreaker(
  options: CircuitBreakerOptions & {
    readonly clock: Clock
    readonly name: string
    readonly onChange: (state: CircuitState) => void
  },
): CircuitBreaker {
  const { failures: threshold = 5, openMs = 30_000, clock, name, onChange } = options
  let state: State = { kind: 'closed', failures: 0 }
  /** What began before the last change says nothing about now. */
  let epoch = 0

  const now = (): number => clock.now().getTime()
  const change = (next: State): void => {
    if (next.kind !== state.kind) epoch += 1
    const changed = next.kind !== state.kind
    state = next
    if (changed) onChange(shown(next))
  }
  const enter = (): void => {
    if (state.kind === 'half_open') throw refusal(name, 'another request is trying whether it answers again')
    if (state.kind !== 'open') return
    const leftMs = state.until - now()
    if (leftMs > 0) throw refusal(name, `nothing is sent for ${leftMs} ms`, leftMs)
    change({ kind: 'half_open' })
  }
  const failed = (): void => {
    const failures = state.kind === 'closed' ? state.failures + 1 : threshold
    change(failures >= threshold ? { kind: 'open', until: now() + openMs } : { kind: 'closed', failures })
  }
  return {
    async run(work) {
      enter()
      const begun = epoch
      try {
        const result = await work()
        if (begun === epoch) change({ kind: 'closed', failures: 0 })
        return result
      } catch (error) {
        if (begun !== epoch) throw error
        if (isTrouble(error)) failed()
        else if (isAnswer(error)) change({ kind: 'closed', failures: 0 })
        // It never got an answer: another request may try.
        else if (state.kind === 'half_open') change({ kind: 'open', until: now() })
        throw error
      }
    },
    state: () => shown(state),
  }
}

const shown = (state: State): CircuitState => {
  if (state.kind === 'closed') return { state: 'closed', failures: state.failures }
  return state.kind === 'open' ? { state: 'open', until: new Date(state.until) } : { state: 'half_open' }
}

const refusal = (name: string, why: string, retryAfterMs?: number): SyncError =>
  new SyncError('UPSTREAM_UNAVAILABLE', `The circuit of ${name} is open after repeated failures: ${why}`, {
    details: { reason: 'circuit_open', failureType: 'transient' },
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
