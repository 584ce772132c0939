import { isSyncError, SyncError } from '../errors.ts'
import type { ConnectorDefinition } from '../model/connector-definition.ts'
import type { WebhookAction } from '../model/webhook.ts'
import type { EngineContext } from '../sync/engine-context.ts'
import { parseRetention } from '../time/retention.ts'
import { createTurns } from '../webhooks/turns.ts'
import { createWebhookVerifier, webhookSecretId } from '../webhooks/verify-webhook.ts'
import {
  checkWebhookSecret,
  fromCredentialValues,
  makeWebhookSecret,
  toCredentialValues,
  type WebhookSecrets,
} from '../webhooks/webhook-secret.ts'
import type { ActiveWork } from './active-work.ts'
import { authenticateWebhook, Unverified } from './authenticate-webhook.ts'
import { type HandleContext, requireConnector } from './connectors.ts'
import type { SynclineOptions } from './options.ts'
import { takeInWebhook } from './take-in-webhook.ts'
import type { ReceivedWebhook, WebhookOutcome, WebhooksHandle } from './webhook-handles.ts'

export interface WebhooksOptions {
  readonly engine: EngineContext
  readonly handles: HandleContext
  /** What the host has given. */
  readonly host: Pick<SynclineOptions, 'credentials' | 'onWebhook'>
  readonly stopping: AbortSignal
  readonly active: ActiveWork
}

/** One works while the next one waits for it in the store: those behind them take no connection from anybody. */
const writesOfScopeAtOnce = 2

export function webhooksHandle(options: WebhooksOptions): WebhooksHandle {
  const { engine, handles, host, stopping, active } = options
  const verifier = createWebhookVerifier(handles.credentials, engine.clock)
  const context = {
    ...options,
    onWebhook: host.onWebhook,
    verifier,
    inTurn: createTurns(1),
    inScopeTurn: createTurns(writesOfScopeAtOnce),
  }

  const receive = async (webhook: ReceivedWebhook): Promise<WebhookOutcome> => {
    stopping.throwIfAborted()
    let redact = (thrown: unknown): unknown => thrown
    try {
      refuseLargeBody(webhook, engine.limits.webhookMaxBytes)
      const verified = await authenticateWebhook(context, webhook)
      redact = verified.redactor.thrown
      const { outcome, action } = await takeInWebhook(context, verified)
      announce(engine, { definition: verified.definition, outcome, action })
      return outcome
    } catch (thrown) {
      throw refused(engine, webhook, redact(thrown))
    }
  }
  return { receive: (webhook) => active.track(receive(webhook)), ...secretsOf(options) }
}

function refuseLargeBody({ body }: ReceivedWebhook, maxBytes: number): void {
  if (body.byteLength <= maxBytes) return
  throw new SyncError('WEBHOOK_TOO_LARGE', `A webhook has at most ${maxBytes} bytes`, {
    details: { maxBytes },
  })
}

function announce(
  { emit, clock }: EngineContext,
  {
    definition: { connectorId, tenantId },
    outcome: { status, messageId, resource },
    action,
  }: {
    readonly definition: ConnectorDefinition
    readonly outcome: WebhookOutcome
    readonly action: WebhookAction | undefined
  },
): void {
  const at = clock.now()
  emit({ kind: 'webhook.received', connectorId, tenantId, messageId, status, action, ...resource, at })
}

/** The error that the sender's server may learn of; the log and the host's events learn more. */
function refused(
  { emit, clock, logger }: EngineContext,
  { connectorId: given }: ReceivedWebhook,
  thrown: unknown,
): unknown {
  const connectorId = given.slice(0, 64)
  const error =
    thrown instanceof Unverified
      ? new SyncError('WEBHOOK_UNVERIFIED', 'The webhook could not be verified')
      : thrown
  const code = isSyncError(error) ? error.code : 'INTERNAL'
  const reason = reasonOf(thrown) ?? code
  logger.warn({ connectorId, code, reason }, 'webhook refused')
  emit({ kind: 'webhook.refused', connectorId, code, reason, at: clock.now() })
  return error
}

function reasonOf(thrown: unknown): string | undefined {
  if (thrown instanceof Unverified) return thrown.message
  const reason = isSyncError(thrown) ? thrown.details?.reason : undefined
  return typeof reason === 'string' ? reason : undefined
}

function secretsOf({
  handles,
  engine,
  host: { credentials },
}: WebhooksOptions): Pick<WebhooksHandle, 'setSecret' | 'removeSecret' | 'state'> {
  const { clock, emit } = engine
  const open = async (connectorId: string) => {
    if (!credentials) {
      throw new SyncError(
        'OPTIONS_INVALID',
        'Give createSyncline a credential store to keep webhook secrets in',
      )
    }
    const definition = await requireConnector(handles.store, connectorId)
    return { definition, id: webhookSecretId(definition), store: credentials }
  }
  return {
    async setSecret({ connectorId, secret: given, keepPreviousFor }) {
      const { definition, id, store } = await open(connectorId)
      const keepMs = keepPreviousFor === undefined ? 0 : parseRetention(keepPreviousFor, 'keepPreviousFor')
      const scheme = handles.registry.type(definition.type).verifyWebhook ? 'own' : 'standard'
      const current = given === undefined ? makeWebhookSecret() : checkWebhookSecret(given, scheme)
      const before = keepMs > 0 ? await store.read(id) : undefined
      const until = new Date(clock.now().getTime() + keepMs)
      const previous = previousOf(before && fromCredentialValues(before.values), { current, until })
      await store.put(id, { values: toCredentialValues({ current, previous }) })
      handles.credentials.forget(id)
      const { tenantId } = definition
      const at = clock.now()
      const previousUntil = previous?.until
      emit({ kind: 'webhook.secret_changed', connectorId, tenantId, change: 'set', previousUntil, at })
      return { secret: current }
    },
    async removeSecret({ connectorId }) {
      const { definition, id, store } = await open(connectorId)
      const removed = await store.remove(id)
      handles.credentials.forget(id)
      const { tenantId } = definition
      const at = clock.now()
      if (removed) emit({ kind: 'webhook.secret_changed', connectorId, tenantId, change: 'removed', at })
      return removed
    },
    async state({ connectorId }) {
      const { id, store } = await open(connectorId)
      const stored = await store.read(id)
      const secrets = stored && fromCredentialValues(stored.values)
      if (!stored || !secrets) return { configured: false }
      const until = secrets.previous?.until
      const previousUntil = until && until > clock.now() ? until : undefined
      return { configured: true, changedAt: stored.savedAt, ...(previousUntil && { previousUntil }) }
    },
  }
}

/** Setting the present secret once more does not shorten the life of the one before it. */
function previousOf(
  before: WebhookSecrets | undefined,
  { current, until }: { readonly current: string; readonly until: Date },
): WebhookSecrets['previous'] {
  if (!before) return undefined
  return before.current === current ? before.previous : { secret: before.current, until }
}
