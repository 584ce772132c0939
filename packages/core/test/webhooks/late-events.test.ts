import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  createReceiver,
  type Delivered,
  type Delivery,
  deliver,
  type Placing,
  type Receiver,
  type Step,
} from './upstream-history.ts'
import { setWebhookStage, users } from './webhook-stage.ts'

const placings: readonly Placing[] = ['version', 'time', 'both', 'none']
const places = [0, 1, 2, 3]

/** Every order of the places. */
const ordersOf = (items: readonly number[]): number[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((item) => ordersOf(items.filter((one) => one !== item)).map((rest) => [item, ...rest]))
const orders = ordersOf(places)

/** Which of four steps are meant, as bits. */
const maskOf = (bits: number): boolean[] => places.map((place) => (bits & (1 << place)) !== 0)
/** Which of four events bring data. */
const toldMasks = [15, 0, 5, 10, 6, 9].map(maskOf)
const masks = Array.from({ length: 16 }, (_, bits) => maskOf(bits))

/** The final state is upstream's, and no state was older than the one before it. */
function check(delivery: Delivery, { stored, problem }: Delivered): void {
  expect(problem, JSON.stringify(delivery)).toBeUndefined()
  const { history } = delivery
  const last = stored.at(-1) ?? 0
  const isGone = history.at(-1)?.exists === false
  expect(isGone ? (history[last - 1]?.exists ?? false) : last, JSON.stringify(delivery)).toBe(
    isGone ? false : history.length,
  )
}

let receiver: Receiver
beforeAll(async () => {
  receiver = await createReceiver()
})

async function checkAll(of: {
  readonly placing: Placing
  readonly upstream: Delivery['upstream']
  readonly canBeAsked: boolean
  readonly tied: readonly boolean[]
}): Promise<number> {
  const { placing, tied, ...rest } = of
  let count = 0
  for (const existing of masks) {
    for (const told of of.canBeAsked ? toldMasks : [maskOf(15)]) {
      const history: Step[] = places.map((place) => ({
        placing,
        exists: existing[place] ?? true,
        hasData: told[place] ?? true,
        isTied: tied[place] ?? false,
      }))
      for (const order of orders) {
        const delivery = { history, order, ...rest }
        check(delivery, await deliver(receiver, delivery))
        count += 1
      }
    }
  }
  return count
}

describe('all orders of four events, whichever of them bring data or delete', () => {
  const cases = placings.flatMap((placing) =>
    (['last', 'announced'] as const).map((upstream) => ({ placing, upstream })),
  )
  test.each(cases)('end as upstream and never go back: by $placing, upstream at $upstream', async (of) => {
    const none = [false, false, false, false]
    expect(await checkAll({ ...of, canBeAsked: true, tied: none })).toBe(2_304)
  })

  test('do so where two events have one place', async () => {
    for (const placing of ['version', 'time', 'both'] as const) {
      await checkAll({ placing, upstream: 'last', canBeAsked: true, tied: [false, true, false, true] })
    }
  })

  test.each(['version', 'time', 'both'] as const)(
    'do so where upstream cannot be asked and each event has its %s',
    async (placing) => {
      const none = [false, false, false, false]
      expect(await checkAll({ placing, upstream: 'last', canBeAsked: false, tied: none })).toBe(384)
    },
  )

  test('do so where each event has another place, some come twice and some are tied', async () => {
    const step = fc.record({
      exists: fc.boolean(),
      hasData: fc.boolean(),
      placing: fc.constantFrom(...placings),
      isTied: fc.boolean(),
    })
    const scenario = fc.record({
      history: fc.array(step, { minLength: 4, maxLength: 4 }),
      order: fc.shuffledSubarray([...places, ...places], { minLength: 8, maxLength: 8 }),
      upstream: fc.constant('last' as const),
      canBeAsked: fc.constant(true),
    })
    await fc.assert(
      fc.asyncProperty(scenario, async (delivery) => check(delivery, await deliver(receiver, delivery))),
      { numRuns: 3_000 },
    )
  })
})

describe('an event that comes after one for which upstream was asked', () => {
  const ref = { ...users, externalId: 'u1' }
  const about = { resourceType: 'user', resourceId: 'u1' }
  const data = (displayName: string) => ({ displayName, attributes: {} })

  test('does not overwrite what upstream responded, though its version is higher than the asking one', async () => {
    const { send, syncline, upstream, asked } = await setWebhookStage({ get: true })
    upstream.set('u1', { externalId: 'u1', ...data('Three') })
    await send({ ...about, action: 'updated', version: 1 })
    expect((await send({ ...about, action: 'updated', version: 2, data: data('Two') })).status).toBe(
      'unchanged',
    )
    expect((await syncline.resources.get(ref))?.displayName).toBe('Three')
    expect(asked).toEqual(['u1', 'u1'])
  })

  test('does not remove a resource that upstream has', async () => {
    const { send, syncline, upstream } = await setWebhookStage({ get: true })
    upstream.set('u1', { externalId: 'u1', ...data('Three') })
    await send({ ...about, action: 'updated', version: 1 })
    await send({ ...about, action: 'deleted', version: 2 })
    expect((await syncline.resources.get(ref))?.displayName).toBe('Three')
  })

  test('does not bring back a resource that upstream has not', async () => {
    const { send, syncline } = await setWebhookStage({ get: true })
    await send({ ...about, action: 'updated', version: 1 })
    await send({ ...about, action: 'updated', version: 2, data: data('Two') })
    expect(await syncline.resources.get(ref)).toBeUndefined()
  })

  test('is outdated without asking when its version is not higher than the asking one', async () => {
    const { send, upstream, asked } = await setWebhookStage({ get: true })
    upstream.set('u1', { externalId: 'u1', ...data('Three') })
    await send({ ...about, action: 'updated', version: 2 })
    expect((await send({ ...about, action: 'updated', version: 1, data: data('One') })).status).toBe(
      'outdated',
    )
    expect(asked).toEqual(['u1'])
  })

  test('is applied without asking when it happened long after upstream was asked', async () => {
    const { send, syncline, upstream, asked, clock } = await setWebhookStage({ get: true })
    upstream.set('u1', { externalId: 'u1', ...data('Three') })
    await send({ ...about, action: 'updated', version: 1 })
    await clock.advance(600_000)
    const occurredAt = clock.now().toISOString()
    await send({ ...about, action: 'updated', version: 4, occurredAt, data: data('Four') })
    await send({ ...about, action: 'updated', version: 5, data: data('Five') })
    expect([(await syncline.resources.get(ref))?.displayName, asked]).toEqual(['Five', ['u1']])
  })
})
