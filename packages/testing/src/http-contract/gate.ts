import type { ConnectorType } from '@syncline/core'

/** Where listings wait after their first page. */
export interface Gate {
  open(): void
  readonly opened: (signal: AbortSignal) => Promise<void>
}

export function createGate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>()
  const aborted = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
  return { open: resolve, opened: (signal) => Promise.race([promise, aborted(signal)]) }
}

/** The connector, whose second pages wait for the gate. */
export function gatedConnector(connector: ConnectorType, gate: Gate): ConnectorType {
  const types = Object.entries(connector.resourceTypes).map(([name, type]) => {
    const list: typeof type.list = async (request, context) => {
      if (request.cursor !== undefined) await gate.opened(request.signal)
      return type.list(request, context)
    }
    return [name, { ...type, list }]
  })
  return { ...connector, resourceTypes: Object.fromEntries(types) }
}
