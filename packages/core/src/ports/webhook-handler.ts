import type { WebhookMessage } from '../model/webhook.ts'

/**
 * Takes verified webhooks that name no resource type over; resolved means that the message is safe there. Called at
 * least once for each message, perhaps again after a crash or by two processes at once, always with the same message
 * id. A throw means that it was not taken over: the sender is told to try again.
 */
export type WebhookHandler = (message: WebhookMessage) => Promise<void>
