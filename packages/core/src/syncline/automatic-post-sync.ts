import pLimit from 'p-limit'
import { isSyncError } from '../errors.ts'
import type { Run } from '../model/run.ts'
import type { Scope } from '../model/scope.ts'
import type { PeopleHost } from '../post-sync/people-context.ts'
import { runPostSync } from '../post-sync/run-post-sync.ts'
import { deliverQuietly, settingsOf } from './people.ts'

const scopesPerLook = 100

/** Post-sync that runs by itself. */
export interface AutomaticPostSync {
  /** Follows a sync that changed something; never changes what came of it. */
  after(run: Run): Promise<Run>
  /** Looks, now and every so often, for scopes whose post-sync failed, was cut off or never ran. */
  start(): { stop(): Promise<void> }
}

interface LookOptions {
  readonly resourceTypes: readonly string[]
  readonly pollMs: number
  /** Post-syncs that run at the same time. */
  readonly atOnce: number
}

export interface AutomaticOptions extends LookOptions {
  /** Absent: nothing runs by itself. */
  readonly people: PeopleHost | undefined
}

export function automaticPostSync({ people, ...options }: AutomaticOptions): AutomaticPostSync {
  const { resourceTypes } = options
  return {
    async after(run) {
      const { connectorId, resourceType, stats } = run
      const isWanted = resourceTypes.includes(resourceType) && changedAnything(stats)
      if (people && isWanted && !people.stopping.aborted)
        await runQuietly(people, { connectorId, resourceType })
      return run
    },
    start: () => (people ? lookRegularly(people, options) : { async stop() {} }),
  }
}

/** A post-sync has something to do. */
const changedAnything = ({ added, updated, restored, staled }: Run['stats']): boolean =>
  added + updated + restored + staled > 0

/** Runs the post-sync of a scope by itself: what goes wrong is recorded and tried again, and never thrown. */
async function runQuietly(context: PeopleHost, scope: Scope): Promise<void> {
  try {
    await runPostSync(context, { scope, settings: await settingsOf(context, scope) })
  } catch (error) {
    const isBusy = isSyncError(error, 'POST_SYNC_ALREADY_RUNNING', 'CONNECTOR_NOT_FOUND')
    context.logger[isBusy ? 'debug' : 'warn']({ ...scope, error }, 'post-sync did not run')
  }
  await deliverQuietly(context)
}

/**
 * Runs at most `atOnce` post-syncs at a time. A look never waits for them, so one that hangs holds up no other scope
 * while there is room.
 */
function lookRegularly(context: PeopleHost, options: LookOptions): { stop(): Promise<void> } {
  const { resourceTypes, pollMs, atOnce } = options
  const limit = pLimit(atOnce)
  const running = new Map<string, Promise<void>>()
  let stopped = false
  let disarm = (): void => undefined
  let looking: Promise<void> = Promise.resolve()
  const begin = (key: string, work: () => Promise<void>): void => {
    if (running.has(key)) return
    running.set(
      key,
      work().finally(() => running.delete(key)),
    )
  }
  const look = async (): Promise<void> => {
    try {
      const due = await context.people.due({ resourceTypes, limit: scopesPerLook + running.size })
      for (const scope of due) {
        const { connectorId, resourceType } = scope
        begin(JSON.stringify([connectorId, resourceType]), () =>
          limit(async () => (stopped ? undefined : runQuietly(context, scope))),
        )
      }
      begin('deliver', () => deliverQuietly(context))
    } catch (error) {
      context.logger.warn({ error }, 'could not look for post-syncs to run')
    }
    if (!stopped) disarm = context.clock.after(pollMs, start)
  }
  const start = (): void => {
    looking = look()
  }
  start()
  return {
    async stop() {
      stopped = true
      disarm()
      await looking
      disarm()
      await Promise.all(running.values())
    },
  }
}
