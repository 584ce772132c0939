import {
  type Clock,
  createUuidV7,
  type Logger,
  type RateLimiter,
  SyncError,
  systemClock,
} from '@syncline/core'
import { checkPermitRequest, monotonicClock } from '@syncline/core/memory'
import { type RedisClient, refuseCluster } from '../redis-client.ts'
import { createLane, type Lane } from './lane.ts'
import { limitScripts } from './limit-scripts.ts'
import { createLimitServer } from './limit-server.ts'

export interface RedisRateLimiterOptions {
  /** Yours: it is never closed, and may be used for anything else. */
  readonly client: RedisClient
  /** How keys begin. @default 'rl' */
  readonly prefix?: string | undefined
  /**
   * How many processes share the limits, for when Redis is away: each then takes this part of them for itself. With
   * one, each would take the whole. @default 1
   */
  readonly processes?: number | undefined
  /** How long Redis may take to answer before this process goes on alone, in milliseconds. @default 500 */
  readonly timeoutMs?: number | undefined
  /** @default logs nothing */
  readonly logger?: Logger | undefined
  /** For waiting; what counts is the server's time. @default the system's */
  readonly clock?: Clock | undefined
  /** Makes unique marks. @default UUID v7 */
  readonly createMark?: (() => string) | undefined
}

/** A rate limiter that processes share. */
export interface RedisRateLimiter extends RateLimiter {
  /** Ends what it does in the background. Permits that are held can still be released. */
  close(): Promise<void>
}

/** Lanes in use are never forgotten; of the others, those whose time has passed, once there are more than this. */
const maxIdleLanes = 1_000

/**
 * Rate limits shared by processes: one script per question, in the server's time, so that clocks of processes do not
 * matter. Requests of a key start in the order in which they reached the server. While Redis is away the process
 * limits itself, by what it has started so far; when it is back, or has lost its data, the process first tells what it
 * has started meanwhile.
 * @throws OPTIONS_INVALID
 */
export function redisRateLimiter(options: RedisRateLimiterOptions): RedisRateLimiter {
  return composeLimiter(options, limitScripts())
}

/** With other scripts: tests bring a server time of their own. */
export function composeLimiter(
  options: RedisRateLimiterOptions,
  scripts: ReturnType<typeof limitScripts>,
): RedisRateLimiter {
  const { client, prefix = 'rl', processes = 1, timeoutMs = 500, logger } = options
  const createMark = options.createMark ?? createUuidV7()
  refuseCluster(client)
  if (!(Number.isSafeInteger(processes) && processes > 0 && timeoutMs > 0)) {
    throw new SyncError('OPTIONS_INVALID', 'processes must be a positive whole number, timeoutMs positive')
  }
  const clock = monotonicClock(options.clock ?? systemClock)
  const process = createMark()
  const server = createLimitServer({ client, scripts, clock, logger, prefix, process, timeoutMs, createMark })
  const lanes = new Map<string, Lane>()
  let made = 0
  let closed = false
  return {
    async acquire(request) {
      checkPermitRequest(request)
      request.signal?.throwIfAborted()
      const { key } = request
      const createId = (): string => `${process}/${++made}`
      const lane = lanes.get(key) ?? createLane({ key, server, clock, processes, createId })
      lanes.set(key, lane)
      if (closed) lane.close()
      if (lanes.size > maxIdleLanes) for (const [name, one] of lanes) if (one.isIdle()) lanes.delete(name)
      return lane.enter(request)
    },
    async close() {
      closed = true
      for (const lane of lanes.values()) lane.close()
    },
  }
}
