import { type Redactor, redactingLogger } from '../credentials/redactor.ts'
import type { EngineContext } from '../sync/engine-context.ts'

/** The engine for one run: what it logs, announces and writes about errors holds none of the redactor's secrets (I11). */
export function shieldEngine(engine: EngineContext, redactor: Redactor): EngineContext {
  return {
    ...engine,
    redactor,
    logger: redactingLogger(engine.logger, redactor),
    emit: (event) =>
      engine.emit(
        'error' in event && event.error ? { ...event, error: redactor.runError(event.error) } : event,
      ),
  }
}
