import { SyncError, type Syncline } from '@syncline/core'
import { printable } from '../printable.ts'

const mostNamed = 10

/** @throws CONNECTOR_NOT_FOUND naming the connectors there are */
export async function requireConnector({ connectors }: Syncline, connectorId: string) {
  const found = await connectors.get(connectorId)
  if (found) return found
  const known = (await connectors.list()).map((connector) => connector.connectorId)
  throw new SyncError(
    'CONNECTOR_NOT_FOUND',
    `There is no connector "${printable(connectorId)}". ${namesOf(known)}`,
    { details: { connectorId } },
  )
}

function namesOf(known: readonly string[]): string {
  if (known.length === 0)
    return 'None is stored yet: add one to the configuration file and run: syncline sync'
  const more = known.length > mostNamed ? ` and ${known.length - mostNamed} more` : ''
  return `Stored: ${known.slice(0, mostNamed).join(', ')}${more}`
}
