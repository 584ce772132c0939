import { z } from 'zod'
import { idText } from '../credentials/credential-input.ts'
import { connectorNotOwned, isSyncError, SyncError } from '../errors.ts'
import type { ConnectorDefinition } from '../model/connector-definition.ts'
import type { ConnectorWrite } from '../ports/connector-store.ts'
import { callOnce } from '../sync/call-connector.ts'
import { webhookSecretId } from '../webhooks/verify-webhook.ts'
import type { ConnectorInput, ConnectorRef, ConnectorsHandle } from './connector-handles.ts'
import { type HandleContext, openConnector, requireConnector, throwNotFound } from './connectors.ts'
import { describeIssues } from './options.ts'

const defaultTenant = 'default'

const inputSchema = z.strictObject({
  connectorId: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/),
  tenantId: idText.default(defaultTenant),
  type: z.string(),
  name: idText.optional(),
  config: z.record(z.string(), z.json()).optional(),
  credentialRef: idText.nullish(),
  status: z.enum(['active', 'paused']).optional(),
})

const moveSchema = z
  .strictObject({ connectorId: z.string(), from: idText, to: idText })
  .refine(({ from, to }) => from !== to, { message: 'from and to are the same tenant' })

export function connectorsHandle(context: HandleContext): ConnectorsHandle {
  const { store, cache } = context
  const setStatus = async (
    { connectorId, tenantId: owner = defaultTenant }: ConnectorRef,
    status: ConnectorDefinition['status'],
  ): Promise<ConnectorDefinition> => {
    const saved = await store.connectors.setStatus(connectorId, { tenantId: owner, status })
    if (!saved) throwNotFound(connectorId)
    await cache.invalidate({ connectorId })
    return saved
  }
  return {
    save: (input) => saveConnector(context, input),
    get: (connectorId, owner) => store.connectors.get(connectorId, owner),
    list: (query = {}) => store.connectors.list(query),
    pause: (connector) => setStatus(connector, 'paused'),
    resume: (connector) => setStatus(connector, 'active'),
    move: (move) => moveConnector(context, move),
    remove: (connectorId, { tenantId: owner = defaultTenant } = {}) =>
      removeConnector(context, { connectorId, tenantId: owner }),
    check: (connectorId, owner) => checkConnector(context, connectorId, owner),
  }
}

async function saveConnector(context: HandleContext, input: ConnectorInput): Promise<ConnectorDefinition> {
  const { store, registry, cache } = context
  const parsed = inputSchema.safeParse(input)
  if (!parsed.success) throw new SyncError('CONNECTOR_INVALID', `Connector: ${describeIssues(parsed.error)}`)
  const { config, ...rest } = parsed.data
  const write: ConnectorWrite = { ...rest, config }
  const existing = await store.connectors.get(write.connectorId)
  if (existing && existing.tenantId !== write.tenantId) throw connectorNotOwned(write)
  const effective = afterSaving(write, existing)
  // Parsed to refuse it early; stored as given, so that the schema may transform it again next time.
  registry.config(effective)
  await refuseSecretConfig(context, effective)
  const saved = await store.connectors.save(write)
  // Another config may mean another upstream.
  await cache.invalidate({ connectorId: saved.connectorId })
  return saved
}

type Effective = Pick<ConnectorDefinition, 'connectorId' | 'tenantId' | 'type' | 'config' | 'credentialRef'>

/** The connector that a write would leave, as far as it must be checked. See `ConnectorWrite`. */
function afterSaving(write: ConnectorWrite, existing: ConnectorDefinition | undefined): Effective {
  const { connectorId, tenantId: owner, type } = write
  const ofType = existing?.type === type ? existing : undefined
  const { config = ofType?.config ?? {}, credentialRef = ofType?.credentialRef } = write
  return { connectorId, tenantId: owner, type, config, credentialRef: credentialRef ?? undefined }
}

async function checkConnector(
  context: HandleContext,
  connectorId: string,
  owner: Parameters<ConnectorsHandle['check']>[1],
): Promise<void> {
  const definition = await requireConnector(context.store, connectorId, owner)
  const type = context.registry.type(definition.type)
  const opened = openConnector(context, definition)
  try {
    await checkInTime(context, async () => type.check?.(opened.context))
  } catch (error) {
    throw opened.redactor.thrown(error)
  } finally {
    opened.close()
  }
}

/** @throws UPSTREAM_TIMEOUT after `limits.callTimeoutMs`, whatever the connector does */
const checkInTime = ({ services, limits }: HandleContext, check: () => Promise<void>): Promise<void> =>
  callOnce(
    { clock: services.clock, limits },
    { command: 'check', signal: new AbortController().signal, ask: check },
  )

interface OwnedConnector {
  readonly connectorId: string
  readonly tenantId: string
}

/** The secret goes first: a connector without one believes no webhook, and one that is made again must not believe it. */
async function removeConnector(
  context: HandleContext,
  { connectorId, tenantId: owner }: OwnedConnector,
): Promise<boolean> {
  const { store, cache } = context
  if (!(await store.connectors.get(connectorId, { tenantId: owner }))) return false
  await removeWebhookSecret(context, { connectorId, tenantId: owner })
  const removed = await store.connectors.remove(connectorId, { tenantId: owner })
  await cache.invalidate({ connectorId })
  return removed
}

async function moveConnector(
  context: HandleContext,
  input: Parameters<ConnectorsHandle['move']>[0],
): Promise<ConnectorDefinition> {
  const { store, cache, emit, logger, services } = context
  const parsed = moveSchema.safeParse(input)
  if (!parsed.success) throw new SyncError('CONNECTOR_INVALID', `Move: ${describeIssues(parsed.error)}`)
  const { connectorId, from, to } = parsed.data
  const moved = (await store.connectors.move(parsed.data)) ?? throwNotFound(connectorId)
  // Stored under the former tenant: the moved connector cannot read it.
  await removeWebhookSecret(context, { connectorId, tenantId: from })
  await cache.invalidate({ connectorId })
  logger.warn(
    { connectorId, from, to },
    'connector moved to another tenant; it is paused and has no credential',
  )
  emit({ kind: 'connector.moved', connectorId, tenantId: to, formerTenantId: from, at: services.clock.now() })
  return moved
}

async function removeWebhookSecret(
  { credentialStore, credentials }: HandleContext,
  connector: OwnedConnector,
): Promise<void> {
  if (!credentialStore) return
  const id = webhookSecretId(connector)
  await credentialStore.remove(id)
  credentials.forget(id)
}

/** A config is stored, shown and logged in plain text. @throws CONNECTOR_CONFIG_INVALID */
async function refuseSecretConfig(
  { credentials, logger }: HandleContext,
  { connectorId, tenantId: owner, credentialRef, config }: Effective,
): Promise<void> {
  if (credentialRef === undefined) return
  const opened = credentials.open({ tenantId: owner, ref: credentialRef })
  try {
    await opened.access.get()
  } catch (error) {
    // It may be saved later. The runs' own redaction does not depend on this look.
    if (!isSyncError(error, 'CREDENTIAL_NOT_FOUND')) {
      logger.warn({ connectorId, error }, 'the config could not be compared with the credential')
    }
  } finally {
    opened.close()
  }
  if (!opened.redactor.finds(JSON.stringify(config))) return
  throw new SyncError(
    'CONNECTOR_CONFIG_INVALID',
    `Config of connector "${connectorId}" holds a secret of its credential; leave it to the credential store`,
    { details: { connectorId } },
  )
}
