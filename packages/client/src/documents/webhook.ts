/** What became of an event. It is committed. */
export interface WebhookReceived {
  readonly status: 'applied' | 'unchanged' | 'outdated' | 'excluded' | 'repeated' | 'forwarded'
  readonly messageId: string
}
