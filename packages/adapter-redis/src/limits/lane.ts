import { type Permit, type PermitRequest, SyncError } from '@syncline/core'
import { type Asking, createJudge } from './judge.ts'
import type { LaneOptions } from './lane-options.ts'
import { createOwnUse, type OwnUse } from './own-use.ts'
import { createPausing, type Pausing } from './pausing.ts'
import { createTelling, type Telling } from './telling.ts'

/** The requests of one process for one key: first come, first served, and only the first one asks the server. */
export interface Lane {
  enter(request: PermitRequest): Promise<Permit>
  isIdle(): boolean
  /** Ends what it does in the background. */
  close(): void
}

interface Waiting extends Asking {
  readonly since: number
  readonly start: () => void
  readonly refuse: (reason: unknown) => void
}

/** What the requests of a lane share. */
interface Shared extends LaneOptions {
  readonly use: OwnUse
  readonly telling: Telling
  readonly pausing: Pausing
  readonly waiting: Waiting[]
}

export function createLane(options: LaneOptions): Lane {
  const { key, server, clock } = options
  const use = createOwnUse()
  const telling = createTelling(options, use)
  const pausing = createPausing(clock)
  const waiting: Waiting[] = []
  const lane: Shared = { ...options, use, telling, pausing, waiting }
  const judge = createJudge(options, use, telling)
  let serving = false

  const serve = async (): Promise<void> => {
    if (serving) return
    serving = true
    for (let first = waiting[0]; first; first = waiting[0]) {
      pausing.reset()
      const judgement = await judge(first)
      if (waiting[0] !== first) {
        // It left meanwhile.
        if (judgement.kind === 'started') disown(lane, first)
      } else if (judgement.kind === 'wait') {
        const { waitMs = 0, lookAgainMs } = judgement
        const { maxWaitMs = Number.POSITIVE_INFINITY } = first.request
        if (clock.now() + waitMs - first.since > maxWaitMs) first.refuse(limited(first.request, waitMs))
        else await pausing.pause(lookAgainMs)
      } else {
        first.start()
        if (judgement.kind === 'started-alone') telling.must()
      }
    }
    serving = false
  }
  return {
    enter(request) {
      const { promise, resolve, reject } = Promise.withResolvers<Permit>()
      const one = waitIn(lane, request, { resolve, reject })
      // The line is kept by the server, for all processes; the first one lines up as it asks.
      if (waiting.length > 1) void server.lineUp(key, one.id)
      void serve()
      return promise
    },
    isIdle: () => waiting.length === 0 && use.isIdle(clock.now()),
    close: () => telling.close(),
  }
}

interface Settling {
  readonly resolve: (permit: Permit) => void
  readonly reject: (reason: unknown) => void
}

/** Puts a request at the end of the lane, until it starts, is refused or aborted. */
function waitIn(lane: Shared, request: PermitRequest, { resolve, reject }: Settling): Waiting {
  const { key, server, clock, use, pausing, waiting } = lane
  const { signal, maxWaitMs } = request
  const id = lane.createId()
  const since = clock.now()
  const leave = (): void => {
    disarm()
    signal?.removeEventListener('abort', onAbort)
    waiting.splice(waiting.indexOf(one), 1)
    pausing.poke()
  }
  const one: Waiting = {
    id,
    request,
    since,
    unsure: false,
    start() {
      leave()
      const now = clock.now()
      use.start(id, request, now)
      resolve(permitOf(lane, one, now - since))
    },
    refuse(reason) {
      leave()
      if (one.unsure) disown(lane, one)
      else void leaveLine()
      reject(reason)
    },
  }
  const leaveLine = async (): Promise<void> => {
    if ((await server.leave(key, id)) === undefined) disown(lane, one)
  }
  const onAbort = (): void => one.refuse(signal?.reason)
  const tooLong = (): void => one.refuse(limited(request, use.waitMs(request, clock.now())))
  signal?.addEventListener('abort', onAbort, { once: true })
  const disarm = maxWaitMs === undefined ? () => {} : clock.after(maxWaitMs, tooLong)
  waiting.push(one)
  return one
}

function permitOf(
  { key, server, clock, use, telling, pausing }: Shared,
  of: Asking,
  waitedMs: number,
): Permit {
  const { weight = 1 } = of.request
  const release = async (): Promise<void> => {
    use.end(of.id, clock.now())
    if (telling.isDue || (await server.release(key, { id: of.id, weight })) === undefined) telling.must()
    pausing.poke()
  }
  let released: Promise<void> | undefined
  return {
    waitedMs,
    release() {
      released ??= release()
      return released
    },
  }
}

/** The server may have started it or keep it in line, but nobody waits for it any more. */
function disown({ use, telling }: Shared, { id, request }: Asking): void {
  use.disown(id, request)
  telling.must()
}

/** Without a time where it depends on the end of something that runs. */
function limited({ key, maxWaitMs }: PermitRequest, waitMs: number | undefined): SyncError {
  return new SyncError('RATE_LIMITED', `The rate limit of ${key} leaves no room within ${maxWaitMs} ms`, {
    ...(waitMs ? { retryAfterMs: waitMs } : {}),
    details: { key },
  })
}
