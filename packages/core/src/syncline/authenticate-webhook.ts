import { type Redactor, redactingLogger } from '../credentials/redactor.ts'
import { isSyncError } from '../errors.ts'
import type { ConnectorDefinition } from '../model/connector-definition.ts'
import type { ConnectorType, WebhookRequest } from '../ports/connector.ts'
import type { EngineContext } from '../sync/engine-context.ts'
import { type ParsedBody, parseBody, parseEvent } from '../webhooks/parse-event.ts'
import { type GivenVerdict, parseVerdict } from '../webhooks/parse-verdict.ts'
import { verifySignature } from '../webhooks/verify-signature.ts'
import { type WebhookVerifier, webhookSecretId } from '../webhooks/verify-webhook.ts'
import { readHeaders } from '../webhooks/webhook-headers.ts'
import { type HandleContext, openConnector } from './connectors.ts'
import type { ReceivedWebhook } from './webhook-handles.ts'

export interface AuthenticateContext {
  readonly engine: EngineContext
  readonly handles: HandleContext
  readonly verifier: WebhookVerifier
}

/** A webhook that is known to be upstream's own. */
export interface AuthenticWebhook {
  readonly definition: ConnectorDefinition
  readonly messageId: string
  readonly said: () => ParsedBody
  /** Knows the secrets of the connector's webhooks. */
  readonly redactor: Redactor
}

/** Why a webhook is not believed: for the log, never for the sender. */
export class Unverified extends Error {
  override readonly name = 'Unverified'
}

const connectorIdPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/

/** Finds out who sent a webhook. Reads nothing of its body but the bytes. @throws Unverified */
export async function authenticateWebhook(
  context: AuthenticateContext,
  { connectorId, headers, body }: ReceivedWebhook,
): Promise<AuthenticWebhook> {
  const { handles, engine, verifier } = context
  const definition = connectorIdPattern.test(connectorId)
    ? await handles.store.connectors.get(connectorId)
    : undefined
  if (!definition) throw new Unverified('there is no such connector')
  const request = { ...readHeaders(headers), body, receivedAt: engine.clock.now() }
  const { verdict, redactor } = await unlessUnreadable(async () => {
    const type = handles.registry.type(definition.type)
    return verifier({
      id: webhookSecretId(definition),
      request,
      verify: (signed, knowing) => verdictOf(context, { definition, type, signed, redactor: knowing }),
    })
  })
  if (!verdict.verified) throw new Unverified(verdict.reason)
  const { messageId, event } = verdict
  const said = (): ParsedBody =>
    event === undefined ? parseBody(body) : { about: 'resource', event: parseEvent(event) }
  return { definition, messageId, said, redactor }
}

/** What the scheme says; one that fails to say anything has not verified it. */
async function verdictOf(
  { handles, engine }: AuthenticateContext,
  asked: {
    readonly definition: ConnectorDefinition
    readonly type: ConnectorType
    readonly signed: WebhookRequest
    readonly redactor: Redactor
  },
): Promise<GivenVerdict> {
  const { definition, type, signed, redactor } = asked
  if (!type.verifyWebhook) return verifySignature(signed)
  const logger = redactingLogger(handles.logger, redactor)
  try {
    const connector = openConnector({ ...handles, logger }, definition)
    try {
      return parseVerdict(await type.verifyWebhook(signed, connector.context))
    } finally {
      connector.close()
    }
  } catch (error) {
    engine.logger.error(
      { connectorId: definition.connectorId, error: redactor.thrown(error) },
      'a connector type failed to verify a webhook',
    )
    return { verified: false, reason: 'the connector type failed to verify it' }
  }
}

/** What this process cannot find out is no proof. A store that is away is another matter: the sender tries again. */
async function unlessUnreadable<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    if (isSyncError(error, 'CREDENTIAL_UNREADABLE', 'CREDENTIAL_REAUTH_REQUIRED', 'CONNECTOR_TYPE_UNKNOWN')) {
      throw new Unverified(error.code, { cause: error })
    }
    throw error
  }
}
