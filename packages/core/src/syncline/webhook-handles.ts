import type { WebhookOutcomeStatus } from '../model/webhook.ts'

/** A webhook as an HTTP server got it. */
export interface ReceivedWebhook {
  readonly connectorId: string
  /** As they came: a header that came twice must be a list, not joined, so that it can be refused. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The bytes, before anything decoded or parsed them. */
  readonly body: Uint8Array
}

/** What became of a verified webhook. */
export interface WebhookOutcome {
  readonly status: WebhookOutcomeStatus
  readonly messageId: string
  /** Present when it is about a resource. */
  readonly resource?: { readonly resourceType: string; readonly externalId: string } | undefined
  /** Present when it was forwarded: false when there is no `onWebhook`, and it was only logged. */
  readonly handled?: boolean | undefined
}

/** Webhooks of connectors. */
export interface WebhooksHandle {
  /**
   * Verifies a webhook and takes it in. Resolved means committed: answer 200 then, whatever the status, and not before.
   * Of any number of deliveries of a message one has an effect. What was looked up of the resource is forgotten
   * before it resolves, and also when it rejects.
   * @throws WEBHOOK_UNVERIFIED (answer 401), the same for every reason, so that strangers learn nothing;
   * WEBHOOK_TOO_LARGE (413); WEBHOOK_INVALID (400); and, for the sender to try again (503), STORE_UNAVAILABLE,
   * WEBHOOK_CONTENDED, WEBHOOK_HANDLER_FAILED, CONNECTOR_PAUSED, STOPPED and what upstream came to when it was asked
   */
  receive(webhook: ReceivedWebhook): Promise<WebhookOutcome>
  /**
   * Sets what webhooks of a connector are signed with, and answers it: it can never be read again. Takes effect at once.
   * Other processes accept what it replaces for five minutes more.
   * @throws OPTIONS_INVALID without a credential store, CONNECTOR_NOT_FOUND, CREDENTIAL_INVALID, RETENTION_INVALID
   */
  setSecret(input: {
    readonly connectorId: string
    /** `whsec_` and 24 to 64 bytes in Base64, or what the connector type's own scheme takes. @default a new one */
    readonly secret?: string | undefined
    /** How long the present secret is accepted beside the new one: `<n>(m|h|d|w)`. @default not at all */
    readonly keepPreviousFor?: string | undefined
  }): Promise<{ readonly secret: string }>
  /** From then on every webhook is refused. False when there was none. */
  removeSecret(connector: { readonly connectorId: string }): Promise<boolean>
  /** Whether there is a secret, never what it is. */
  state(connector: { readonly connectorId: string }): Promise<{
    readonly configured: boolean
    readonly changedAt?: Date | undefined
    /** Until when the secret before it is accepted, too. */
    readonly previousUntil?: Date | undefined
  }>
}
