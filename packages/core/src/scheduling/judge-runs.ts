import type { ErrorCode } from '../errors.ts'
import type { RunStatus } from '../model/run.ts'
import type { EndedRun } from '../model/schedule.ts'

/** What the runs of a scope ask for. */
export type Judgement =
  | { readonly kind: 'fine' }
  | { readonly kind: 'retry'; readonly at: Date }
  | { readonly kind: 'alert'; readonly failures: number; readonly run: EndedRun }

/** Upstream asked for a pause without saying how long. */
const pauseMs = 60_000
/** An instant further away may be none that a database can hold. */
const maxPauseMs = 366 * 86_400_000

/** A long first listing may take two runs more than one; a listing without an end takes one after another. */
const cutRunsBeforeAlert = 3

/** A person mends these; until then every retry would fail alike. */
const lasting: ReadonlySet<string> = new Set<ErrorCode>([
  'CONNECTOR_CONFIG_INVALID',
  'CREDENTIAL_NOT_FOUND',
  'CREDENTIAL_REAUTH_REQUIRED',
  'CREDENTIAL_REJECTED',
  'CREDENTIAL_UNREADABLE',
  'UNAUTHORIZED',
])

/**
 * Judges a scope by its ended runs, newest first: after each failure in a row comes the next of the delays, and after
 * the last of them the time for an alert. Runs that are cut at a limit again and again are one, too. What stopped on purpose goes on when its reason is gone: at once after a
 * stopped process, as late as upstream wished after a rate limit.
 */
export function judgeRuns(endedRuns: readonly EndedRun[], retryDelaysMs: readonly number[]): Judgement {
  const [latest] = endedRuns
  if (!latest) return { kind: 'fine' }
  const { status, error, finishedAt } = latest
  const later = (ms: number): Judgement => ({ kind: 'retry', at: new Date(finishedAt.getTime() + ms) })
  if (status === 'partial') {
    if (error?.code === 'STOPPED') return later(0)
    if (error?.code === 'RATE_LIMITED') return later(pauseOf(latest))
    const cut = cutInARow(endedRuns)
    return cut < cutRunsBeforeAlert ? { kind: 'fine' } : { kind: 'alert', failures: cut, run: latest }
  }
  if (!isFailure(latest)) return { kind: 'fine' }
  const failures = failuresInARow(endedRuns)
  const delayMs = lasting.has(error?.code ?? '') ? undefined : retryDelaysMs[failures - 1]
  return delayMs === undefined ? { kind: 'alert', failures, run: latest } : later(delayMs)
}

const failed: ReadonlySet<RunStatus> = new Set<RunStatus>(['error', 'timeout'])

/** A run whose process died did not fail: its successor goes on from it. */
const isFailure = ({ status, error }: EndedRun): boolean =>
  failed.has(status) && error?.code !== 'RUN_ABANDONED'

const saysNothing = ({ status, error }: EndedRun): boolean =>
  status === 'partial' || error?.code === 'RUN_ABANDONED'

function failuresInARow(endedRuns: readonly EndedRun[]): number {
  const telling = endedRuns.filter((run) => !saysNothing(run))
  const other = telling.findIndex((run) => !isFailure(run))
  return other === -1 ? telling.length : other
}

/** Runs in a row that reached a limit of ours: their listing never came to its end. */
function cutInARow(endedRuns: readonly EndedRun[]): number {
  const telling = endedRuns.filter(({ error }) => !passing.has(error?.code ?? ''))
  const other = telling.findIndex(({ error }) => error?.code !== 'RUN_LIMIT_REACHED')
  return other === -1 ? telling.length : other
}

const passing: ReadonlySet<string> = new Set<ErrorCode>(['RATE_LIMITED', 'RUN_ABANDONED', 'STOPPED'])

/** How many ended runs `judgeRuns` has to see. */
export const runsToJudge = (retryDelaysMs: readonly number[]): number =>
  Math.max(retryDelaysMs.length + 1, cutRunsBeforeAlert)

function pauseOf({ error }: EndedRun): number {
  const wished = error?.details?.retryAfterMs
  return Math.min(Math.max(pauseMs, typeof wished === 'number' ? wished : 0), maxPauseMs)
}
