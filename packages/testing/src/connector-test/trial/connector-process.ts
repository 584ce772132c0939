import {
  type ConnectorType,
  createSyncline,
  type LimitsInput,
  type ListRequest,
  type Logger,
  type Syncline,
} from '@syncline/core'
import { memoryCredentialStore, memoryStore } from '@syncline/core/memory'
import { autoRateLimiter } from '../../auto-rate-limiter.ts'
import { type FakeClock, fakeClock } from '../../fake-clock.ts'
import { type ListFunction, observeType } from './observe-type.ts'

/** Nothing is fetched ahead, so that requests can be counted. */
export const processLimits = {
  lookAhead: 0,
  maxRetries: 3,
  maxRetryWaitMs: 120_000,
} as const satisfies LimitsInput

export interface ProcessOptions {
  readonly createConnectorType: () => ConnectorType | Promise<ConnectorType>
  /** What runs in place of the connector's own list function. @default nothing does */
  readonly around?: ((list: ListFunction) => ListFunction) | undefined
}

/** A host's process: the real engine over a memory store, with a clock that is never waited for. */
export interface ConnectorProcess {
  readonly clock: FakeClock
  readonly syncline: Syncline
  readonly typeName: string
  /** What the connector was asked for. */
  readonly calls: readonly ListRequest[]
  /** What the connector let out, and what the library announced or logged, since the last call of this function. */
  takeOutputs(): readonly unknown[]
  /** Another process takes over: a new instance of the connector type, the same stores. */
  restart(limits?: LimitsInput): Promise<void>
}

export async function startProcess(options: ProcessOptions): Promise<ConnectorProcess> {
  const clock = fakeClock({ auto: true })
  const store = memoryStore({ clock })
  const credentials = memoryCredentialStore({ clock })
  // One for all processes, as hosts with several have it.
  const rateLimiter = autoRateLimiter(clock)
  const calls: ListRequest[] = []
  let outputs: unknown[] = []
  const log = (fields: object, message: string): void => void outputs.push([fields, message])
  const logger: Logger = { debug: log, info: log, warn: log, error: log }

  const compose = async (limits: LimitsInput = {}) => {
    const type = observeType(await options.createConnectorType(), {
      onCall: (request) => calls.push(request),
      onOutput: (output) => outputs.push(output),
      around: options.around,
    })
    const syncline = createSyncline({
      store,
      credentials,
      rateLimiter,
      connectorTypes: [type],
      clock,
      logger,
      allowedNetworks: ['127.0.0.0/8'],
      limits: { ...processLimits, ...limits },
      random: () => 0,
      onEvent: (event) => outputs.push(event),
    })
    return { type, syncline }
  }
  let now = await compose()
  return {
    clock,
    get syncline() {
      return now.syncline
    },
    typeName: now.type.type,
    calls,
    takeOutputs() {
      const taken = outputs
      outputs = []
      return taken
    },
    async restart(limits) {
      await now.syncline.stop()
      now = await compose(limits)
    },
  }
}
