import { createHmac } from 'node:crypto'
import {
  type ConnectorType,
  type CredentialStore,
  createSyncline,
  type GetAnswer,
  type Store,
  type Syncline,
  type SynclineOptions,
  type UpstreamRecord,
  type WebhookOutcome,
} from '@syncline/core'
import { memoryCredentialStore, memoryStore } from '@syncline/core/memory'
import {
  type FakeClock,
  fakeClock,
  type RecordingSink,
  recordingSink,
  scriptedConnector,
} from '@syncline/testing'

export const connectorId = 'acme'
export const users = { connectorId, resourceType: 'user' }
/** The vector that the Standard Webhooks libraries publish. */
export const vector = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  time: 1_614_265_330,
  body: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
}

export interface Signed {
  readonly id?: string
  /** Seconds. */
  readonly time?: string | number
  readonly secret?: string
  readonly body: string | Uint8Array
}

const bytesOf = (body: string | Uint8Array): Uint8Array =>
  typeof body === 'string' ? Buffer.from(body) : body

/** Signs as a sender does, with nothing of the library. */
export function signatureOf({
  id = vector.id,
  time = vector.time,
  secret = vector.secret,
  body,
}: Signed): string {
  const hmac = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
  return `v1,${hmac.update(`${id}.${time}.`).update(bytesOf(body)).digest('base64')}`
}

/** A webhook as a sender sends it. */
export function signed(message: Signed) {
  const { id = vector.id, time = vector.time, body } = message
  return {
    connectorId,
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(time),
      'webhook-signature': signatureOf(message),
    },
    body: bytesOf(body),
  }
}

export interface WebhookStage {
  readonly clock: FakeClock
  readonly store: Store
  readonly credentials: CredentialStore
  readonly sink: RecordingSink
  readonly logged: unknown[]
  readonly syncline: Syncline
  readonly connector: ConnectorType
  /** What upstream has, for `get`, by id, and which ids it was asked for. */
  readonly upstream: Map<string, UpstreamRecord>
  readonly asked: string[]
  /** Another process. */
  readonly another: (options?: Partial<SynclineOptions>) => Syncline
  /** Sends an event of an upstream, signed now, under an id of its own unless one is given. */
  readonly send: (
    event: object,
    options?: { readonly id?: string; readonly to?: Syncline },
  ) => Promise<WebhookOutcome>
}

/** One connector with a secret, at the time of the published vector. */
export async function setWebhookStage(
  options: {
    readonly get?: boolean
    readonly verifyWebhook?: ConnectorType['verifyWebhook']
    readonly options?: Partial<SynclineOptions>
    readonly secret?: string | null
  } = {},
): Promise<WebhookStage> {
  const clock = fakeClock({ auto: true, start: new Date(vector.time * 1_000) })
  const store = memoryStore({ clock })
  const credentials = memoryCredentialStore({ clock })
  const sink = recordingSink()
  const logged: unknown[] = []
  const upstream = new Map<string, UpstreamRecord>()
  const asked: string[] = []
  const get = async ({ externalId }: { readonly externalId: string }): Promise<GetAnswer> => {
    asked.push(externalId)
    return { success: true, payload: upstream.get(externalId) ?? null }
  }
  const scripted = scriptedConnector({
    clock,
    resourceTypes: { user: { pages: () => [[...upstream.values()]], ...(options.get && { get }) } },
  })
  const { verifyWebhook } = options
  const connector: ConnectorType = { ...scripted, ...(verifyWebhook && { verifyWebhook }) }
  const log = (fields: object, message: string): void => void logged.push({ ...fields, message })
  const another: WebhookStage['another'] = (changed) =>
    createSyncline({
      store,
      credentials,
      connectorTypes: [connector],
      clock,
      random: () => 1,
      onEvent: sink.onEvent,
      logger: { debug: log, info: log, warn: log, error: log },
      ...options.options,
      ...changed,
    })
  const syncline = another()
  await syncline.connectors.save({ connectorId, type: connector.type })
  const { secret = vector.secret } = options
  if (secret !== null) await syncline.webhooks.setSecret({ connectorId, secret })
  let sent = 0
  return {
    clock,
    store,
    credentials,
    sink,
    logged,
    syncline,
    connector,
    upstream,
    asked,
    another,
    send(event, { id = `msg_${(sent += 1)}`, to = syncline } = {}) {
      const time = Math.floor(clock.now().getTime() / 1_000)
      return to.webhooks.receive(signed({ id, time, body: JSON.stringify(event) }))
    },
  }
}
