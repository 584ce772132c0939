import { describe, expect, test } from 'vitest'
import { setWebhookStage, users, type WebhookStage } from './webhook-stage.ts'

type Told = Readonly<Record<string, unknown>> & { readonly action: string }

const ref = { ...users, externalId: 'u1' }
const data = (name: string) => ({ displayName: name, attributes: {} })
const second = (count: number) => new Date(Date.parse('2021-02-25T15:00:00Z') + count * 1_000).toISOString()

/** Every order of a list. */
function ordersOf<Item>(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [[]]
  return items.flatMap((item, index) =>
    ordersOf([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  )
}

/** Delivers messages in every order, each twice: once more at once, and once more at the end. */
async function endsOf(
  events: readonly Told[],
  options: {
    readonly get?: string | null
    readonly between?: (stage: WebhookStage) => Promise<unknown>
  } = {},
): Promise<{ ends: Set<string | undefined>; orders: number; applied: number }> {
  const ends = new Set<string | undefined>()
  const orders = ordersOf(events)
  let applied = 0
  for (const order of orders) {
    const stage = await setWebhookStage({ get: options.get !== undefined })
    if (options.get) stage.upstream.set('u1', { externalId: 'u1', ...data(options.get) })
    const send = async (event: Told) => {
      const told = { resourceType: 'user', resourceId: 'u1', ...event }
      return stage.send(told, { id: `event ${events.indexOf(event)}`.replace(' ', '_') })
    }
    for (const [place, event] of order.entries()) {
      if (place === 2) await options.between?.(stage)
      if ((await send(event)).status === 'applied') applied += 1
      expect((await send(event)).status).toBe('repeated')
    }
    for (const event of order) expect((await send(event)).status).toBe('repeated')
    ends.add((await stage.syncline.resources.get(ref))?.displayName)
  }
  return { ends, orders: orders.length, applied }
}

const marks = [
  ['versions', (count: number) => ({ version: count })],
  ['times', (count: number) => ({ occurredAt: second(count) })],
  ['both', (count: number) => ({ version: count, occurredAt: second(count) })],
] as const

describe('all 24 orders of four events, each delivered three times', () => {
  describe.each(marks)('told apart by %s', (_, mark) => {
    test('end with the last one', async () => {
      const events = [
        { action: 'created', data: data('One'), ...mark(1) },
        { action: 'updated', data: data('Two'), ...mark(2) },
        { action: 'deleted', ...mark(3) },
        { action: 'created', data: data('Four'), ...mark(4) },
      ]
      const { ends, orders, applied } = await endsOf(events)
      expect([ends, orders]).toEqual([new Set(['Four']), 24])
      // Not each order applies each event: older ones were left out.
      expect(applied).toBeLessThan(24 * 4)
    })

    test('end without the resource when it was deleted last', async () => {
      const events = [
        { action: 'created', data: data('One'), ...mark(1) },
        { action: 'updated', data: data('Two'), ...mark(2) },
        { action: 'updated', data: data('Three'), ...mark(3) },
        { action: 'deleted', ...mark(4) },
      ]
      expect((await endsOf(events)).ends).toEqual(new Set([undefined]))
    })

    test('end with what upstream has, where some are tied', async () => {
      const events = [
        { action: 'created', data: data('One'), ...mark(1) },
        { action: 'updated', data: data('Two'), ...mark(2) },
        { action: 'updated', data: data('Final'), ...mark(2) },
        { action: 'updated', data: data('Not this'), ...mark(2) },
      ]
      expect((await endsOf(events, { get: 'Final' })).ends).toEqual(new Set(['Final']))
    })

    test('end without the resource, where its end is tied with other events', async () => {
      const events = [
        { action: 'created', data: data('One'), ...mark(1) },
        { action: 'updated', data: data('Two'), ...mark(2) },
        { action: 'updated', data: data('Three'), ...mark(2) },
        { action: 'deleted', ...mark(2) },
      ]
      expect((await endsOf(events, { get: null })).ends).toEqual(new Set([undefined]))
    })

    test('end with what upstream has, when a listing has come between them', async () => {
      const events = [
        { action: 'created', data: data('One'), ...mark(1) },
        { action: 'updated', data: data('Two'), ...mark(2) },
        { action: 'updated', data: data('Three'), ...mark(3) },
        { action: 'updated', data: data('Final'), ...mark(4) },
      ]
      const between = ({ syncline }: WebhookStage) => syncline.sync({ ...users, mode: 'full' })
      expect((await endsOf(events, { get: 'Final', between })).ends).toEqual(new Set(['Final']))
    })

    test('end without the resource, when a listing has come between them', async () => {
      const events = [
        { action: 'created', data: data('One'), ...mark(1) },
        { action: 'updated', data: data('Two'), ...mark(2) },
        { action: 'deleted', ...mark(3) },
        { action: 'deleted', ...mark(3) },
      ]
      const between = ({ syncline }: WebhookStage) => syncline.sync({ ...users, mode: 'full' })
      const { ends } = await endsOf(events, { get: null, between })
      expect(ends).toEqual(new Set([undefined]))
    })
  })

  test('end with what upstream has, when no event says where it stands', async () => {
    const events = [
      { action: 'created', data: data('One') },
      { action: 'updated', data: data('Two') },
      { action: 'deleted' },
      { action: 'updated' },
    ]
    expect((await endsOf(events, { get: 'Final' })).ends).toEqual(new Set(['Final']))
    expect((await endsOf(events, { get: null })).ends).toEqual(new Set([undefined]))
  })

  test('where upstream cannot be asked, the last writer wins among equals', async () => {
    const stage = await setWebhookStage()
    for (const name of ['One', 'Two']) {
      const told = { action: 'updated', resourceType: 'user', resourceId: 'u1', version: 1, data: data(name) }
      expect((await stage.send(told)).status).toBe('applied')
    }
    expect((await stage.syncline.resources.get(ref))?.displayName).toBe('Two')
  })
})
