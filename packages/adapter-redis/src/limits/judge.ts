import type { PermitRequest } from '@syncline/core'
import type { LaneOptions } from './lane-options.ts'
import type { OwnUse } from './own-use.ts'
import { shareOf } from './share-of.ts'
import type { Telling } from './telling.ts'

/** A request that asks whether it may start. */
export interface Asking {
  readonly id: string
  readonly request: PermitRequest
  /** The server was asked and did not answer: it may have started it. */
  unsure: boolean
}

export type Judgement =
  | { readonly kind: 'started' }
  /** Started by this process alone: the server has to be told. */
  | { readonly kind: 'started-alone' }
  | { readonly kind: 'wait'; readonly waitMs: number | undefined; readonly lookAgainMs: number }

/** The longest silence towards the server, which takes a process that is silent for longer for dead. */
const longestPauseMs = 1_000
/** How often to look whether another process has released something. */
const pollMs = 25
/** How often to look whether those who come first have started, each. */
const turnMs = 5
/** The server may lose its data between a report and the question after it. */
const mostRounds = 3

/** Decides about the first request of a lane: the server, or this process alone while the server is away. */
export function createJudge(
  { server, clock, processes }: LaneOptions,
  use: OwnUse,
  telling: Telling,
): (first: Asking) => Promise<Judgement> {
  const askServer = async (first: Asking): Promise<Judgement | undefined> => {
    for (let round = 0; round < mostRounds; round++) {
      if (telling.isDue && !(await telling.tell())) return undefined
      const epoch = use.isIdle(clock.now()) ? '*' : telling.epoch
      const verdict = await server.take(first.request, { id: first.id, epoch })
      first.unsure = verdict === undefined
      if (!verdict) return undefined
      if (verdict.kind === 'report') {
        telling.must()
        continue
      }
      telling.agree(verdict.epoch)
      if (verdict.kind === 'started') return verdict
      const { waitMs, ahead } = verdict
      const turnsMs = Math.min(turnMs * ahead, pollMs)
      const lookAgainMs = waitMs === undefined ? pollMs : Math.min(Math.max(waitMs, turnsMs), longestPauseMs)
      return { kind: 'wait', waitMs, lookAgainMs }
    }
    return undefined
  }
  return async (first) => {
    const shared = await askServer(first)
    if (shared) return shared
    const waitMs = use.waitMs(shareOf(first.request, processes), clock.now())
    if (waitMs === 0) return { kind: 'started-alone' }
    return { kind: 'wait', waitMs, lookAgainMs: Math.min(waitMs ?? longestPauseMs, longestPauseMs) }
  }
}
