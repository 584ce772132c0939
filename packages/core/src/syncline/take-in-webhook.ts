import { type Redactor, redactingLogger } from '../credentials/redactor.ts'
import { isSyncError, SyncError } from '../errors.ts'
import { hashRecipe, withHash } from '../hashing/record-hash.ts'
import type { ConnectorDefinition } from '../model/connector-definition.ts'
import type { JsonObject } from '../model/json.ts'
import type { ResourceRef } from '../model/scope.ts'
import type { ResourceEvent, WebhookAction } from '../model/webhook.ts'
import type { WebhookHandler } from '../ports/webhook-handler.ts'
import type { WebhookStore } from '../ports/webhook-store.ts'
import { refuseSecrets } from '../records/refuse-secrets.ts'
import { type SanitisedRecord, sanitiseRecord } from '../records/sanitise-record.ts'
import type { EngineContext } from '../sync/engine-context.ts'
import { type AppliedStatus, applyEvent, type PrepareRecord } from '../webhooks/apply-event.ts'
import { webhookInvalid } from '../webhooks/parse-event.ts'
import type { Turns } from '../webhooks/turns.ts'
import { askUpstream } from './ask-upstream.ts'
import type { AuthenticWebhook } from './authenticate-webhook.ts'
import type { HandleContext } from './connectors.ts'
import { type LoadedScope, loadScopeOf } from './prepare-job.ts'
import type { WebhookOutcome } from './webhook-handles.ts'

export interface TakeInContext {
  readonly engine: EngineContext
  readonly handles: HandleContext
  /** Fetches for one resource. */
  readonly inTurn: Turns
  /** Writes to one scope. */
  readonly inScopeTurn: Turns
  readonly onWebhook: WebhookHandler | undefined
  readonly stopping: AbortSignal
}

export interface TakenIn {
  readonly outcome: WebhookOutcome
  readonly action?: WebhookAction | undefined
}

interface Applying {
  readonly webhooks: WebhookStore
  readonly verified: AuthenticWebhook
  readonly event: ResourceEvent
}

interface Forwarding {
  readonly webhooks: WebhookStore
  readonly verified: AuthenticWebhook
  readonly payload: JsonObject
}

/** Does what a verified webhook says, once. */
export async function takeInWebhook(context: TakeInContext, verified: AuthenticWebhook): Promise<TakenIn> {
  const { webhooks } = context.handles.store
  if (!webhooks) throw new SyncError('OPTIONS_INVALID', 'The store of createSyncline cannot take webhooks in')
  const said = verified.said()
  if (said.about === 'host') {
    return { outcome: await forward(context, { webhooks, verified, payload: said.payload }) }
  }
  const { event } = said
  const { connectorId } = verified.definition
  const resource = { resourceType: event.resourceType, externalId: event.resourceId }
  try {
    const status = await applyToStore(context, { webhooks, verified, event })
    return { outcome: { status, messageId: verified.messageId, resource }, action: event.action }
  } finally {
    // Upstream has changed, whatever came of the write, and also when it was taken in by a process that died then.
    await context.handles.cache.invalidate({ connectorId, ...resource })
  }
}

async function applyToStore(
  context: TakeInContext,
  { webhooks, verified, event }: Applying,
): Promise<AppliedStatus> {
  const { definition, messageId, redactor } = verified
  const { connectorId, tenantId } = definition
  const { resourceType, resourceId: externalId } = event
  const ref = { connectorId, resourceType, externalId }
  const { config, passes, resource } = await scopeOf(context.handles, definition, resourceType)
  const recipe = hashRecipe(config.volatilePaths)
  const prepareFetched: PrepareRecord<SanitisedRecord> = (record) =>
    passes(record) ? withHash(record, recipe) : 'excluded'
  // Before anything is looked at: an id that cannot be kept is in no store.
  const idOnly = sanitiseRecord({ externalId, displayName: '', attributes: {} }, 0)
  if ('reason' in idOnly) throw webhookInvalid(`resourceId cannot be kept (${idOnly.reason})`, idOnly.reason)
  const inScope: Pick<WebhookStore, 'takeEvent'> = {
    takeEvent: (target, decide) =>
      context.inScopeTurn(JSON.stringify([connectorId, resourceType]), () =>
        webhooks.takeEvent(target, decide),
      ),
  }
  return applyEvent<SanitisedRecord>(inScope, {
    event,
    target: { ...ref, messageId, tenantId },
    prepareFetched,
    prepare(given) {
      const record = refuseSecrets(sanitiseRecord(given, 0), 0, redactor.finds)
      if (!('reason' in record)) return prepareFetched(record)
      throw webhookInvalid(`The record cannot be kept (${record.reason}): ${record.detail}`, record.reason)
    },
    inTurn: (work) => context.inTurn(JSON.stringify([connectorId, resourceType, externalId]), work),
    ...(resource.get && { fetch: () => fetchNow(context, { definition, ref, redactor }) }),
  })
}

async function scopeOf(
  handles: HandleContext,
  definition: ConnectorDefinition,
  resourceType: string,
): Promise<LoadedScope> {
  try {
    return await loadScopeOf(handles, definition, resourceType)
  } catch (error) {
    if (!isSyncError(error, 'RESOURCE_TYPE_UNKNOWN')) throw error
    throw webhookInvalid('The connector has no such resource type', error.code)
  }
}

async function fetchNow(
  { handles, engine, stopping }: TakeInContext,
  asked: {
    readonly definition: ConnectorDefinition
    readonly redactor: Redactor
    readonly ref: ResourceRef
  },
): Promise<SanitisedRecord | null> {
  const { definition, redactor, ref } = asked
  if (definition.status === 'paused') {
    throw new SyncError('CONNECTOR_PAUSED', `Connector "${definition.connectorId}" is paused; activate it`)
  }
  const { clock, limits } = engine
  const deadline = new AbortController()
  const tooLate = new SyncError(
    'UPSTREAM_TIMEOUT',
    `Upstream did not answer within ${limits.webhookFetchMs} ms`,
  )
  const disarm = clock.after(limits.webhookFetchMs, () => deadline.abort(tooLate))
  const logger = redactingLogger(handles.logger, redactor)
  const signal = AbortSignal.any([stopping, deadline.signal])
  try {
    return await askUpstream({ handles: { ...handles, logger }, calls: engine }, { definition, ref, signal })
  } finally {
    disarm()
  }
}

async function forward(
  { onWebhook, engine }: TakeInContext,
  { webhooks, verified, payload }: Forwarding,
): Promise<WebhookOutcome> {
  const { messageId, definition } = verified
  const { connectorId, tenantId } = definition
  const message = { connectorId, messageId }
  if (await webhooks.noted(message)) return { status: 'repeated', messageId }
  if (onWebhook) {
    try {
      await onWebhook({ connectorId, tenantId, messageId, payload })
    } catch (cause) {
      throw new SyncError('WEBHOOK_HANDLER_FAILED', 'onWebhook did not take the message over', { cause })
    }
  } else {
    engine.logger.warn(
      { connectorId, messageId },
      'a webhook names no resource type, and there is no onWebhook',
    )
  }
  // After the handler: one that dies gets the message again.
  if (!(await webhooks.note(message))) return { status: 'repeated', messageId }
  return { status: 'forwarded', messageId, handled: onWebhook !== undefined }
}
