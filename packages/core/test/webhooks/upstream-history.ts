import { ok } from 'node:assert/strict'
import type { ResourceEvent, WebhookStore } from '@syncline/core'
import { memoryStore } from '@syncline/core/memory'
import { type FakeClock, fakeClock } from '@syncline/testing'
import { hashRecipe, withHash } from '../../src/hashing/record-hash.ts'
import { applyEvent } from '../../src/webhooks/apply-event.ts'

/** Which fields place an event among the others. */
export type Placing = 'version' | 'time' | 'both' | 'none'

/** One version of a resource upstream, and the webhook that announces it. */
export interface Step {
  readonly exists: boolean
  readonly placing: Placing
  readonly hasData: boolean
  /** Has the version and the time of the step before it. */
  readonly isTied?: boolean
}

export interface Delivery {
  readonly history: readonly Step[]
  /** Places in the history, in the order of arrival; a place may come twice. */
  readonly order: readonly number[]
  /** Whether upstream has its last version when the first webhook arrives, or the newest one that was announced. */
  readonly upstream: 'last' | 'announced'
  readonly canBeAsked: boolean
}

type HashedRecord = Parameters<typeof withHash>[0]

export interface Delivered {
  /** Version that is stored after each webhook; 0: none, and there was none before. */
  readonly stored: readonly number[]
  readonly problem?: string | undefined
}

const stepMs = 600_000
const scope = { connectorId: 'acme', resourceType: 'user' }

export interface Receiver {
  readonly clock: FakeClock
  readonly webhooks: WebhookStore
  /** A resource that no scenario has had. */
  readonly nextId: () => string
  readonly displayName: (externalId: string) => Promise<string | undefined>
}

export async function createReceiver(): Promise<Receiver> {
  const clock = fakeClock()
  const { connectors, resources, webhooks } = memoryStore({ clock })
  ok(webhooks)
  await connectors.save({
    connectorId: scope.connectorId,
    tenantId: 'default',
    type: 'acme',
    name: 'Acme',
    status: 'active',
    config: {},
  })
  let made = 0
  return {
    clock,
    webhooks,
    nextId: () => `u${(made += 1)}`,
    displayName: async (externalId) => (await resources.get({ ...scope, externalId }))?.displayName,
  }
}

const recordOf = (externalId: string, version: number): HashedRecord => ({
  externalId,
  displayName: `${version}`,
  email: null,
  attributesJson: '{}',
  parent: undefined,
})

/** Delivers the webhooks of a history, each while upstream is as the scenario says, and follows what is stored. */
export async function deliver(
  { clock, webhooks, nextId, displayName }: Receiver,
  { history, order, upstream, canBeAsked }: Delivery,
): Promise<Delivered> {
  const externalId = nextId()
  const began = clock.now().getTime()
  const prepare = (record: HashedRecord) => withHash(record, hashRecipe([]))
  const stored: number[] = []
  let announced = 0
  for (const [arrival, place] of order.entries()) {
    const event = eventOf({ history, place, externalId, began })
    announced = Math.max(announced, place + 1)
    const present = upstream === 'last' ? history.length : announced
    const time = began + present * stepMs + 1_000
    if (time > clock.now().getTime()) await clock.advance(time - clock.now().getTime())
    await applyEvent<HashedRecord>(webhooks, {
      event,
      target: { ...scope, tenantId: 'default', externalId, messageId: `${externalId}-${place}-${arrival}` },
      prepare: () => prepare(recordOf(externalId, place + 1)),
      prepareFetched: prepare,
      inTurn: (work) => work(),
      ...(canBeAsked && {
        fetch: async () => (history[present - 1]?.exists ? recordOf(externalId, present) : null),
      }),
    })
    const version = versionOf(history, await displayName(externalId), stored.at(-1) ?? 0)
    if (version === undefined) {
      return { stored, problem: `an older state after ${JSON.stringify(stored)} by event ${place + 1}` }
    }
    stored.push(version)
  }
  return { stored }
}

function eventOf(of: {
  readonly history: readonly Step[]
  readonly place: number
  readonly externalId: string
  readonly began: number
}): ResourceEvent {
  const { history, place, externalId, began } = of
  const step = history[place]
  ok(step)
  let shown = place
  while (history[shown]?.isTied && shown > 0) shown -= 1
  const { placing, exists, hasData } = step
  return {
    action: exists ? 'updated' : 'deleted',
    resourceType: scope.resourceType,
    resourceId: externalId,
    ...(exists && hasData && { data: { displayName: `${place + 1}`, attributes: {} } }),
    ...((placing === 'version' || placing === 'both') && { version: shown + 1 }),
    ...((placing === 'time' || placing === 'both') && {
      occurredAt: new Date(began + (shown + 1) * stepMs).toISOString(),
    }),
  }
}

/** The first version, no older than the one before, that looks like what is stored. */
function versionOf(history: readonly Step[], name: string | undefined, before: number): number | undefined {
  if (name !== undefined) return Number(name) >= before ? Number(name) : undefined
  if (before === 0) return 0
  for (let version = before; version <= history.length; version++) {
    if (!history[version - 1]?.exists) return version
  }
  return undefined
}
