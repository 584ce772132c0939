import { isDeepStrictEqual } from 'node:util'
import { SyncError, syncConfigDefaults } from '@syncline/core'
import type { ConfiguredConnector } from './config.ts'
import { printable } from './printable.ts'
import type { Session } from './session.ts'

/** One difference between the configuration file and the store. */
export interface ConfigChange {
  readonly connectorId: string
  readonly resourceType?: string | undefined
  /** Undefined: the connector, or the settings of the resource type, are not stored yet. */
  readonly field?: string | undefined
  readonly from?: unknown
  readonly to?: unknown
}

/**
 * Brings what the file states into the store: adds connectors that are not there, and changes the fields that the file
 * states with another value. A field that the file leaves out keeps its stored value, so a connector is never resumed,
 * renamed, unlinked or moved by a command.
 * @param connectorId only this connector of the file
 * @returns what was changed
 * @throws CONNECTOR_TENANT_MISMATCH when the file states another tenant than the stored one
 */
export async function applyConfig(session: Session, connectorId?: string): Promise<readonly ConfigChange[]> {
  const { connectors, configs } = session.syncline
  const changes: ConfigChange[] = []
  for (const { sync, ...connector } of configured(session, connectorId)) {
    const found = await connectorChanges(session, connector)
    if (found.length > 0) {
      const { tenantId } = (await connectors.get(connector.connectorId)) ?? {}
      await connectors.save({ tenantId, ...connector })
    }
    changes.push(...found)
    for (const [resourceType, settings] of Object.entries(sync)) {
      const scope = { connectorId: connector.connectorId, resourceType }
      const differing = await settingChanges(session, scope, settings)
      if (differing.length > 0) await configs.save({ ...settings, ...scope })
      changes.push(...differing)
    }
  }
  return changes
}

/** What `applyConfig` would change now. Writes nothing. */
export async function configChanges(
  session: Session,
  connectorId?: string,
): Promise<readonly ConfigChange[]> {
  const changes: ConfigChange[] = []
  for (const { sync, ...connector } of configured(session, connectorId)) {
    changes.push(...(await connectorChanges(session, connector)))
    for (const [resourceType, settings] of Object.entries(sync))
      changes.push(
        ...(await settingChanges(session, { connectorId: connector.connectorId, resourceType }, settings)),
      )
  }
  return changes
}

const configured = ({ config }: Session, connectorId: string | undefined): readonly ConfiguredConnector[] =>
  (config.connectors ?? []).filter((one) => connectorId === undefined || one.connectorId === connectorId)

async function connectorChanges(
  { syncline }: Session,
  { connectorId, ...connector }: Omit<ConfiguredConnector, 'sync'>,
): Promise<readonly ConfigChange[]> {
  const kept = await syncline.connectors.get(connectorId)
  if (!kept) return [{ connectorId }]
  if (connector.tenantId !== undefined && connector.tenantId !== kept.tenantId) {
    throw new SyncError(
      'CONNECTOR_TENANT_MISMATCH',
      `Connector "${connectorId}" is stored for another tenant than the configuration file states ("${connector.tenantId}"). Correct the file, or move the connector with connectors.move.`,
      { details: { connectorId } },
    )
  }
  return differences(connector, kept).map((change) => ({ connectorId, ...change }))
}

async function settingChanges(
  { syncline }: Session,
  scope: { readonly connectorId: string; readonly resourceType: string },
  settings: object,
): Promise<readonly ConfigChange[]> {
  const kept = await syncline.configs.get(scope)
  if (!kept) return [scope]
  return differences(settings, kept).map((change) => ({ ...scope, ...change }))
}

const defaults = new Map<string, unknown>(Object.entries(syncConfigDefaults))

/** Fields of which null is a value: no guard. Elsewhere null asks for the default. */
const nullable = ['removalGuard', 'deactivationGuard']

/** Fields that are stated with another value than the stored one. */
function differences(stated: object, kept: object) {
  const keptFields = new Map<string, unknown>(Object.entries(kept))
  return Object.entries(stated)
    .filter(([, to]) => to !== undefined)
    .map(([field, to]: [string, unknown]) => ({
      field,
      from: keptFields.get(field) ?? null,
      to: to === null && !nullable.includes(field) ? (defaults.get(field) ?? null) : to,
    }))
    .filter(({ from, to }) => !isDeepStrictEqual(from, to))
}

/** `acme user  pageSize 50 → 500` */
export function changeLine({ connectorId, resourceType, field, from, to }: ConfigChange): string {
  const what = [connectorId, resourceType].filter(Boolean).join(' ')
  if (field === undefined) return `${what}  added`
  return `${what}  ${field} ${shown(from)} → ${shown(to)}`
}

const mostShown = 60

function shown(value: unknown): string {
  const text = printable(value === null ? 'none' : JSON.stringify(value))
  return text.length > mostShown ? `${text.slice(0, mostShown - 1)}…` : text
}
