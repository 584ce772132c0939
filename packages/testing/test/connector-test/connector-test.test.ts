import { describe, expect, test } from 'vitest'
import { type ConnectorContract, createConnectorTest } from '../../src/index.ts'
import { casesOver } from './cases-over.ts'
import { graphConnector } from './graph-connector.ts'
import { graphContract } from './graph-contract.ts'
import { linkConnector } from './link-connector.ts'
import { linkContract } from './link-contract.ts'
import { offsetConnector } from './offset-connector.ts'
import { offsetContract } from './offset-contract.ts'
import { plantedConnectorBugs } from './planted/planted-connector-bugs.ts'

describe('linked pages and a bearer token', () => {
  createConnectorTest({ describe, test, createConnectorType: () => linkConnector(), contract: linkContract })
})

describe('offsets and an API key', () => {
  createConnectorTest({
    describe,
    test,
    createConnectorType: () => offsetConnector(),
    contract: offsetContract,
  })
})

describe('numbered pages asked for with POST, and OAuth', () => {
  createConnectorTest({
    describe,
    test,
    createConnectorType: () => graphConnector(),
    contract: graphContract,
  })
})

describe('createConnectorTest', () => {
  test('names each case once', () => {
    for (const contract of [linkContract, offsetContract, graphContract]) {
      const names = casesOver(() => linkConnector(), contract).map(({ name }) => name)
      expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    }
  })

  test('has no case that no planted bug turns red', () => {
    const caught = Object.values(plantedConnectorBugs).flatMap(({ caughtBy }) => caughtBy)
    for (const contract of [linkContract, offsetContract, graphContract]) {
      const names = casesOver(() => linkConnector(), contract).map(({ name }) => name)
      expect(names.filter((name) => !caught.some((part) => name.includes(part)))).toEqual([])
    }
  })

  test.each(Object.entries(plantedConnectorBugs))('goes red when a connector %s', async (_, bug) => {
    const { contract, caughtBy, plant } = bug
    for (const part of caughtBy) {
      const cases = casesOver(plant, contract).filter(({ name }) => name.includes(part))
      expect({ part, found: cases.length > 0 }).toEqual({ part, found: true })
      for (const { name, run } of cases) {
        const outcome = await run().then(
          () => ({ name, caught: 'nothing' }),
          (error: unknown) => ({ name, caught: error instanceof Error ? error.name : typeof error }),
        )
        expect(outcome).toEqual({ name, caught: 'AssertionError' })
      }
    }
  })

  test.each<[string, Partial<ConnectorContract>, string]>([
    ['no listings', { listings: {} }, 'listings: name at least one resource type'],
    ['no refused config', { refusedConfigs: [] }, 'refusedConfigs'],
    [
      'a secret too short to be found',
      { credential: { secrets: { token: 'short' }, accepts: () => true } },
      'credential.secrets.token',
    ],
  ])('refuses a contract with %s, and says where', (_, change, message) => {
    const contract = { ...linkContract, ...change }
    const declare = () => casesOver(() => linkConnector(), contract)
    expect(declare).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }))
    expect(declare).toThrow(message)
  })
})
