import type { Redactor } from '../credentials/redactor.ts'
import type { SyncEvent } from '../model/event.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Store } from '../ports/store.ts'
import type { Limits } from './limits.ts'

/** What the engine works with; made once by `createSyncline`, and shielded for each run. */
export interface EngineContext {
  readonly store: Store
  readonly clock: Clock
  readonly random: () => number
  readonly createRunId: () => string
  readonly emit: (event: SyncEvent) => void
  readonly logger: Logger
  readonly limits: Limits
  /** Lets whatever waits on the event loop go first. */
  readonly nextTurn: () => Promise<void>
  /** Aborts when `stop()` waits no longer: what still tries again then ends, so that nothing keeps the process alive. */
  readonly gaveUp: AbortSignal
  /** Keeps the secrets of the run's credential out of rows; logger and events are wrapped in it already. */
  readonly redactor: Redactor
}
