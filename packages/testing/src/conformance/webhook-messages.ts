import { deepEqual, equal } from 'node:assert/strict'
import type { Store, TakenEvent } from '@syncline/core'
import { otherStaff, record, staff, teams, tenantId } from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { changesOf, idsOf, prepareScopes } from './passes.ts'
import { look, refOf, takeRecord, upsert, webhooksOf } from './webhook-builders.ts'

const hourMs = 3_600_000

/** Takes a record in under this message id. */
const deliver = (store: Store, messageId: string, externalId = '1'): Promise<TakenEvent> =>
  webhooksOf(store).takeEvent({ ...refOf(externalId), tenantId, messageId }, () => upsert(record(externalId)))

async function pruneAll(store: Store, limit: number): Promise<number> {
  for (let total = 0; ; ) {
    const { count, done } = await webhooksOf(store).prune({ olderThanMs: hourMs, limit })
    total += count
    if (done) return total
  }
}

export function testWebhookMessages(suite: StoreSuite): void {
  storeCases(suite, 'WebhookStore: messages', (test) => {
    test('a message is taken once: repeated, it writes nothing and is not decided', async ({ store }) => {
      await prepareScopes(store, staff)
      equal((await deliver(store, 'm')).kind, 'taken')
      await store.resources.removeOne(refOf('1'))
      let decided = 0
      const again = await webhooksOf(store).takeEvent({ ...refOf('1'), tenantId, messageId: 'm' }, () => {
        decided += 1
        return upsert(record('1'))
      })
      deepEqual([again, decided], [{ kind: 'repeated' }, 0])
      deepEqual(await idsOf(store), [])
    })

    test('of many deliveries of a message at once one is taken', async ({ store }) => {
      await prepareScopes(store, staff)
      const taken = await Promise.all(Array.from({ length: 8 }, () => deliver(store, 'm')))
      deepEqual(taken.map(({ kind }) => kind).toSorted(), [...Array<string>(7).fill('repeated'), 'taken'])
      deepEqual(await changesOf(store), ['created 1'])
    })

    test('a message that comes for several scopes at once is taken for one of them', async ({ store }) => {
      await prepareScopes(store, staff, teams)
      const both = await Promise.all(
        [staff, teams].map((scope) =>
          webhooksOf(store).takeEvent({ ...refOf('1', scope), tenantId, messageId: 'm' }, () =>
            upsert(record('1')),
          ),
        ),
      )
      deepEqual(both.map(({ kind }) => kind).toSorted(), ['repeated', 'taken'])
      equal((await idsOf(store, staff)).length + (await idsOf(store, teams)).length, 1)
    })

    test('message ids are counted per connector and compared byte for byte', async ({ store }) => {
      await prepareScopes(store, staff, otherStaff)
      await deliver(store, 'm')
      equal((await deliver(store, 'M')).kind, 'taken')
      const elsewhere = { ...refOf('1', otherStaff), tenantId, messageId: 'm' }
      equal((await webhooksOf(store).takeEvent(elsewhere, () => upsert(record('1')))).kind, 'taken')
    })

    test('note notes a message once, and of callers at the same time one is told so', async ({ store }) => {
      await prepareScopes(store, staff)
      const message = { connectorId: 'hr', messageId: 'm' }
      equal(await webhooksOf(store).noted(message), false)
      const noted = await Promise.all(Array.from({ length: 8 }, () => webhooksOf(store).note(message)))
      equal(noted.filter(Boolean).length, 1)
      equal(await webhooksOf(store).noted(message), true)
      equal(await webhooksOf(store).noted({ connectorId: 'hr-2', messageId: 'm' }), false)
    })

    test('a message that was noted is repeated when it is taken, and the other way round', async ({
      store,
    }) => {
      await prepareScopes(store, staff)
      await webhooksOf(store).note({ connectorId: 'hr', messageId: 'noted' })
      equal((await deliver(store, 'noted')).kind, 'repeated')
      await deliver(store, 'taken')
      equal(await webhooksOf(store).note({ connectorId: 'hr', messageId: 'taken' }), false)
    })

    test('message ids outlive their connector, marks do not', async ({ store }) => {
      await prepareScopes(store, staff)
      await webhooksOf(store).takeEvent({ ...refOf('1'), tenantId, messageId: 'm' }, () =>
        upsert(record('1'), { version: 7 }),
      )
      await store.connectors.remove('hr')
      await prepareScopes(store, staff)
      equal((await deliver(store, 'm')).kind, 'repeated')
      equal((await look(store, refOf('1'))).mark, undefined)
    })

    test('prune forgets messages and marks that are old enough, in batches, and nothing else', async ({
      store,
      timePasses,
    }) => {
      await prepareScopes(store, staff)
      for (const place of ['1', '2', '3']) await deliver(store, `old-${place}`, place)
      await webhooksOf(store).note({ connectorId: 'hr', messageId: 'old-4' })
      await timePasses(2 * hourMs)
      await deliver(store, 'young', '3')
      equal(await pruneAll(store, 1), 4 + 2)
      equal(await pruneAll(store, 1), 0)
      const webhooks = webhooksOf(store)
      const ids = ['old-1', 'old-2', 'old-3', 'old-4', 'young']
      const noted = await Promise.all(
        ids.map((messageId) => webhooks.noted({ connectorId: 'hr', messageId })),
      )
      deepEqual(noted, [false, false, false, false, true])
      const marks = await Promise.all(['1', '2', '3'].map(async (id) => (await look(store, refOf(id))).mark))
      deepEqual(
        marks.map((mark) => mark !== undefined),
        [false, false, true],
      )
      deepEqual(await idsOf(store), ['1', '2', '3'])
      equal((await takeRecord(store, '1')).kind, 'taken')
    })
  })
}
