import type { PermitRequest } from '@syncline/core'
import { createRateHistory } from '@syncline/core/memory'

/** What this process has started under one key: to go on alone with, and to tell the server when it is back. */
export interface OwnUse {
  start(id: string, request: PermitRequest, now: number): void
  end(id: string, now: number): void
  /** It may have been started by the server, but never was by its process. */
  disown(id: string, request: PermitRequest): void
  /** How long a request waits by what this process alone knows; undefined while that depends on a release. */
  waitMs(request: PermitRequest, now: number): number | undefined
  /** What the server may have to be told. */
  report(now: number): UseReport
  isIdle(now: number): boolean
}

interface UseReport {
  /** As the report script takes them. */
  readonly values: readonly (string | number)[]
  /** The server knows it now. */
  readonly delivered: () => void
}

interface Own {
  readonly weight: number
  readonly startedAt: number
  readonly holdEnd: number
  readonly end: (now: number) => void
  endedAt?: number
}

const defaultHoldMs = 300_000

export function createOwnUse(): OwnUse {
  const history = createRateHistory()
  const own = new Map<string, Own>()
  const gone = new Map<string, number>()
  let longestMs = 0

  const forgetOld = (now: number): void => {
    for (const [id, { endedAt, holdEnd }] of own) {
      if (Math.min(endedAt ?? holdEnd, holdEnd) + longestMs < now) own.delete(id)
    }
  }
  return {
    start(id, request, now) {
      const { weight = 1, holdMs = defaultHoldMs, limits } = request
      const lengths = (limits.windows ?? []).map(({ perMs }) => perMs)
      longestMs = Math.max(longestMs, limits.minSpacingMs ?? 0, ...lengths)
      forgetOld(now)
      own.set(id, { weight, startedAt: now, holdEnd: now + holdMs, end: history.start(request, now) })
    },
    end(id, now) {
      const permit = own.get(id)
      if (!permit || permit.endedAt !== undefined) return
      permit.endedAt = now
      permit.end(now)
    },
    disown(id, { weight = 1 }) {
      gone.set(id, weight)
    },
    waitMs: (request, now) => history.waitMs(request, now),
    report(now) {
      forgetOld(now)
      const kept = [...own].flatMap(([id, { weight, startedAt, holdEnd, endedAt }]) => {
        const end = Math.min(endedAt ?? Number.POSITIVE_INFINITY, holdEnd)
        const state = end > now ? 'running' : 'ended'
        return [id, weight, state, Math.abs(end - now), now - startedAt]
      })
      const disowned = [...gone]
      return {
        values: [...kept, ...disowned.flatMap(([id, weight]) => [id, weight, 'gone', 0, 0])],
        delivered() {
          for (const [id] of disowned) gone.delete(id)
        },
      }
    },
    isIdle(now) {
      forgetOld(now)
      return own.size === 0 && gone.size === 0
    },
  }
}
