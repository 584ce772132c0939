import type { ConnectorType } from '@syncline/core'
import { type ConnectorContract, createConnectorTest } from '../../src/index.ts'

/** The cases of the suite for a connector, not run yet. */
export function casesOver(createConnectorType: () => ConnectorType, contract: ConnectorContract) {
  const cases: { readonly name: string; readonly run: () => Promise<void> }[] = []
  createConnectorTest({
    describe: (_, declare) => declare(),
    test: (name, run) => cases.push({ name, run }),
    createConnectorType,
    contract,
  })
  return cases
}
