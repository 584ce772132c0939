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

export interface AutomaticOptions {
  /** Absent: nothing runs by itself. */
  readonly people: PeopleHost | undefined
  readonly resourceTypes: readonly string[]
  readonly pollMs: number
}

export function automaticPostSync({ people, resourceTypes, pollMs }: AutomaticOptions): AutomaticPostSync {
  return {
    async after(run) {
      const { connectorId, resourceType, stats } = run
      const isWanted = resourceTypes.includes(resourceType) && changedAnything(stats)
      if (people && isWanted && !people.stopping.aborted)
        await runQuietly(people, { connectorId, resourceType })
      return run
    },
    start: () => (people ? lookRegularly(people, { resourceTypes, pollMs }) : { async stop() {} }),
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

function lookRegularly(
  context: PeopleHost,
  { resourceTypes, pollMs }: { readonly resourceTypes: readonly string[]; readonly pollMs: number },
): { stop(): Promise<void> } {
  let stopped = false
  let disarm = (): void => undefined
  let going: Promise<void> = Promise.resolve()
  const look = async (): Promise<void> => {
    try {
      const due = await context.people.due({ resourceTypes, limit: scopesPerLook })
      for (const scope of due) if (!stopped) await runQuietly(context, scope)
      await deliverQuietly(context)
    } catch (error) {
      context.logger.warn({ error }, 'could not look for post-syncs to run')
    }
    if (!stopped) disarm = context.clock.after(pollMs, start)
  }
  const start = (): void => {
    going = look()
  }
  start()
  return {
    async stop() {
      stopped = true
      disarm()
      await going
      disarm()
    },
  }
}
