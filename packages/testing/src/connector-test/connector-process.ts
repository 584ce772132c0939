import {
  type ConnectorType,
  createSyncline,
  type LimitsInput,
  type ListRequest,
  type Logger,
  type Syncline,
} from '@syncline/core'
import { memoryCredentialStore, memoryStore } from '@syncline/core/memory'
import { type FakeClock, fakeClock } from '../fake-clock.ts'
import { type ListFunction, observeType } from './observe-type.ts'

/** Nothing is fetched ahead, so that requests can be counted. */
export const processLimits = {
  lookAhead: 0,
  maxRetries: 3,
  maxRetryWaitMs: 120_000,
  callTimeoutMs: 20_000,
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
  /** Everything the connector let out. */
  readonly outputs: readonly unknown[]
  /** Everything the library announced or logged. */
  readonly announced: readonly unknown[]
  /** Another process takes over: a new instance of the connector type, the same stores. */
  restart(limits?: LimitsInput): Promise<void>
}

export async function startProcess(options: ProcessOptions): Promise<ConnectorProcess> {
  const clock = fakeClock({ auto: true })
  const store = memoryStore({ clock })
  const credentials = memoryCredentialStore({ clock })
  const calls: ListRequest[] = []
  const outputs: unknown[] = []
  const announced: unknown[] = []
  const log = (fields: object, message: string): void => void announced.push([fields, message])
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
      connectorTypes: [type],
      clock,
      logger,
      allowedNetworks: ['127.0.0.0/8'],
      limits: { ...processLimits, ...limits },
      random: () => 0,
      onEvent: (event) => announced.push(event),
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
    outputs,
    announced,
    async restart(limits) {
      await now.syncline.stop()
      now = await compose(limits)
    },
  }
}
