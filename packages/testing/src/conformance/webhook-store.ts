import type { StoreSuite } from './harness.ts'
import { testWebhookEvents } from './webhook-events.ts'
import { testWebhookMessages } from './webhook-messages.ts'
import { testWebhookPages } from './webhook-pages.ts'

/**
 * Holds a store that takes webhooks in to every promise of `WebhookStore`. An adapter's test file is this one call,
 * beside `testStore`.
 */
export function testWebhookStore(suite: StoreSuite): void {
  testWebhookEvents(suite)
  testWebhookMessages(suite)
  testWebhookPages(suite)
}
