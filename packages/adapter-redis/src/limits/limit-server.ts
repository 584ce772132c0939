import type { Clock, Logger, PermitRequest } from '@syncline/core'
import { z } from 'zod'
import { isConnected, type RedisClient } from '../redis-client.ts'
import { type LimitScripts, limitKeys } from './limit-scripts.ts'

type Verdict =
  | { readonly kind: 'started'; readonly epoch: string }
  /** `waitMs` is undefined while it depends on a release; `ahead` requests come first. */
  | {
      readonly kind: 'wait'
      readonly epoch: string
      readonly waitMs: number | undefined
      readonly ahead: number
    }
  /** The server has lost what this process told it, or was never told. */
  | { readonly kind: 'report'; readonly epoch: string }

/** The shared state, as one process asks for it. Undefined from any call: the server is away. */
export interface LimitServer {
  take(
    request: PermitRequest,
    known: { readonly id: string; readonly epoch: string },
  ): Promise<Verdict | undefined>
  lineUp(key: string, id: string): Promise<unknown>
  leave(key: string, id: string): Promise<unknown>
  release(key: string, permit: { readonly id: string; readonly weight: number }): Promise<unknown>
  /** Answers the epoch. */
  report(key: string, report: readonly (string | number)[]): Promise<string | undefined>
}

export interface LimitServerOptions {
  readonly client: RedisClient
  readonly scripts: LimitScripts
  readonly clock: { now(): number; after: Clock['after'] }
  readonly logger: Logger | undefined
  readonly prefix: string
  readonly process: string
  readonly timeoutMs: number
  readonly createMark: () => string
}

/** After a failure the server is left alone for so long. */
const awayMs = 2_000
/** A process that was not heard of for so long has died, and loses its places in line. */
const silenceMs = 3_000
const defaultHoldMs = 300_000

const verdictSchema = z.union([
  z.tuple([z.enum(['started', 'report']), z.string()]),
  z.tuple([z.literal('wait'), z.string(), z.number(), z.number()]),
])

export function createLimitServer(options: LimitServerOptions): LimitServer {
  const { client, scripts, clock, logger, prefix, process, timeoutMs, createMark } = options
  let awayUntil = Number.NEGATIVE_INFINITY
  let away = false

  const isAway = (error: unknown): undefined => {
    if (!away) logger?.warn({ error: textOf(error) }, 'Redis does not answer; limiting this process alone')
    away = true
    awayUntil = clock.now() + awayMs
  }
  const reach = async <Answer>(call: () => Promise<Answer>): Promise<Answer | undefined> => {
    if (clock.now() < awayUntil) return undefined
    if (!isConnected(client)) return isAway(`it is ${client.status}`)
    const { promise: tooLate, reject } = Promise.withResolvers<never>()
    // In two steps: a process that was busy itself reads what has arrived before the second one.
    let disarm = clock.after(timeoutMs / 2, () => {
      disarm = clock.after(timeoutMs / 2, () => reject(new Error(`no answer within ${timeoutMs} ms`)))
    })
    try {
      const answer = await Promise.race([call(), tooLate])
      if (away) logger?.info({}, 'Redis answers again; limits are shared again')
      away = false
      return answer
    } catch (error) {
      return isAway(error)
    } finally {
      disarm()
    }
  }
  return {
    take(request, { id, epoch }) {
      const { key, limits, weight = 1, holdMs = defaultHoldMs } = request
      const { windows = [], concurrency = 0, minSpacingMs = 0 } = limits
      const values = [id, process, weight, holdMs, concurrency, minSpacingMs, epoch, createMark(), silenceMs]
      const lengths = windows.flatMap(({ limit, perMs }) => [limit, perMs])
      return reach(async () =>
        verdictOf(await scripts.take.run(client, limitKeys(prefix, key), [...values, ...lengths])),
      )
    },
    lineUp: (key, id) => reach(() => scripts.lineUp.run(client, limitKeys(prefix, key), [id])),
    leave: (key, id) => reach(() => scripts.leave.run(client, limitKeys(prefix, key), [id])),
    release: (key, { id, weight }) =>
      reach(() => scripts.release.run(client, limitKeys(prefix, key), [id, weight])),
    report: (key, report) =>
      reach(async () =>
        z.string().parse(await scripts.report.run(client, limitKeys(prefix, key), [createMark(), ...report])),
      ),
  }
}

function verdictOf(answer: unknown): Verdict {
  const [kind, epoch, waitMs = 0, ahead = 0] = verdictSchema.parse(answer)
  return kind === 'wait' ? { kind, epoch, waitMs: waitMs < 0 ? undefined : waitMs, ahead } : { kind, epoch }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
