import { createConnectorTest } from '@syncline/testing'
import { describe, test } from 'vitest'
import { acme } from './acme-connector.ts'
import { acmeContract } from './acme-contract.ts'

createConnectorTest({ describe, test, createConnectorType: () => acme, contract: acmeContract })
