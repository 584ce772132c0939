import type { ConnectorContext, ConnectorType, ListAnswer, ListPage, ListRequest } from '@syncline/core'
import type { ConnectorContract } from '../../../src/index.ts'
import { graphContract } from '../graph-contract.ts'
import { linkContract } from '../link-contract.ts'
import { offsetContract } from '../offset-contract.ts'

/** A mistake an author may make, and the cases that must catch it. */
export interface PlantedConnectorBug {
  readonly contract: ConnectorContract
  /** Parts of the names of the cases that must all catch it. */
  readonly caughtBy: readonly string[]
  /** Makes the connector type of one process. */
  readonly plant: () => ConnectorType
}

type List = (request: ListRequest, context: ConnectorContext<unknown>) => Promise<ListAnswer>

/** The connector type with its list functions wrapped. */
export function withList(type: ConnectorType, wrap: (list: List) => List): ConnectorType {
  const wrapped = Object.entries(type.resourceTypes).map(([name, definition]) => [
    name,
    { ...definition, list: wrap((request, context) => definition.list(request, context)) },
  ])
  return { ...type, resourceTypes: Object.fromEntries(wrapped) }
}

export const withPage = (
  type: ConnectorType,
  change: (page: ListPage, request: ListRequest) => ListPage,
): ConnectorType =>
  withList(type, (list) => async (request, context) => {
    const answer = await list(request, context)
    return answer.success ? { success: true, payload: change(answer.payload, request) } : answer
  })

export const withThrown = (
  type: ConnectorType,
  change: (error: unknown, context: ConnectorContext<unknown>) => Promise<ListAnswer>,
): ConnectorType =>
  withList(
    type,
    (list) => (request, context) => list(request, context).catch((error: unknown) => change(error, context)),
  )

export const link = (caughtBy: readonly string[], plant: () => ConnectorType) => ({
  contract: linkContract,
  caughtBy,
  plant,
})
export const offset = (caughtBy: readonly string[], plant: () => ConnectorType) => ({
  contract: offsetContract,
  caughtBy,
  plant,
})
export const graph = (caughtBy: readonly string[], plant: () => ConnectorType) => ({
  contract: graphContract,
  caughtBy,
  plant,
})

export const mapRecords = (
  type: ConnectorType,
  change: (record: ListPage['resources'][number]) => ListPage['resources'][number],
) => withPage(type, (page) => ({ ...page, resources: page.resources.map(change) }))
