import type { Clock, ConnectorContext } from '@syncline/core'
import {
  type CircuitBreaker,
  type CircuitBreakerOptions,
  type CircuitState,
  createCircuitBreaker,
} from './circuit-breaker.ts'

type Id = Pick<ConnectorContext<unknown>, 'tenantId' | 'connectorId'>

/** The circuits of all connectors of a type, in this process. */
export interface Circuits {
  of(context: ConnectorContext<unknown>): CircuitBreaker
  stateOf(id: Id): CircuitState
}

/** Beyond this, those that never failed since are forgotten. */
const maxIdle = 1_000

export function createCircuits(options: CircuitBreakerOptions = {}): Circuits {
  const circuits = new Map<string, { readonly clock: Clock; readonly circuit: CircuitBreaker }>()
  const keyOf = ({ tenantId, connectorId }: Id): string => JSON.stringify([tenantId, connectorId])
  const forgetIdle = (): void => {
    for (const [key, { circuit }] of circuits) {
      const shown = circuit.state()
      if (shown.state === 'closed' && shown.failures === 0) circuits.delete(key)
    }
  }
  return {
    of(context) {
      const { tenantId, connectorId, clock, logger } = context
      const key = keyOf(context)
      const known = circuits.get(key)
      // Another clock is another host: what it knew then says nothing now.
      if (known?.clock === clock) return known.circuit
      if (circuits.size >= maxIdle) forgetIdle()
      const circuit = createCircuitBreaker({
        ...options,
        clock,
        name: `connector "${connectorId}"`,
        onChange: (state) => logger.warn({ tenantId, connectorId, ...state }, `circuit ${state.state}`),
      })
      circuits.set(key, { clock, circuit })
      return circuit
    },
    stateOf: (id) => circuits.get(keyOf(id))?.circuit.state() ?? { state: 'closed', failures: 0 },
  }
}
