import { authifi } from '@syncline/connector-authifi'
import type { ConnectorType } from '@syncline/core'
import { createConnectorTest } from '@syncline/testing'
import { describe, test } from 'vitest'
import { keysetContract, tokenContract } from './authifi-contract.ts'

describe('what Syncline expects of every connector, paged by ids', () => {
  createConnectorTest({ describe, test, createConnectorType: () => authifi, contract: keysetContract })
})

describe('what Syncline expects of every connector, paged by tokens', () => {
  // All three lists are read by the same paginator.
  const { user } = authifi.resourceTypes
  const usersOnly = { ...authifi, resourceTypes: { ...(user && { user }) } } as ConnectorType
  createConnectorTest({ describe, test, createConnectorType: () => usersOnly, contract: tokenContract })
})
