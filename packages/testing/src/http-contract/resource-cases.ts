import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { fieldsOf, itemsOf, requireInstant, textOf } from './call-api.ts'
import { contractCases } from './cases.ts'
import { type ContractStage, foreign, own, record } from './stage.ts'
import type { HttpContractSuite } from './suite.ts'

const numbered = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => record(String(1_000 + from + index)))

export function testResources(suite: HttpContractSuite): void {
  contractCases(suite, 'GET resources', (test) => {
    test('answers the documented page of groups that hold a term, field by field', async (stage) => {
      const attributes = { description: 'Engineering team', memberCount: 45 }
      await stage.sync('group', [
        { externalId: 'grp-123', displayName: 'Engineering', email: null, attributes },
        record('grp-9', { displayName: 'Sales' }),
      ])
      await stage.sync('user', [record('eng-1')])
      const answer = await stage.get('/resources?type=group&page=1&pageSize=20&search=eng', { as: 'reader' })
      equal(answer.status, 200)
      const { data, ...rest } = answer.body
      deepEqual(rest, {
        total: 1,
        totalIsExact: true,
        page: 1,
        pageSize: 20,
        totalPages: 1,
        nextCursor: null,
      })
      const [item] = itemsOf(answer)
      const { id, syncHash, syncedAt, createdAt, ...shown } = item ?? {}
      match(textOf(id), /^[0-9a-f-]{36}$/)
      match(textOf(syncHash), /^[0-9a-f]{64}$/)
      for (const instant of [syncedAt, createdAt]) requireInstant(instant)
      deepEqual(shown, {
        connectorId: own,
        resourceType: 'group',
        externalId: 'grp-123',
        displayName: 'Engineering',
        email: null,
        attributes,
        parent: null,
        staleSince: null,
      })
      ok(Array.isArray(data))
    })

    test('without parameters answers the first 20 of everything, in order of type and external id', async (stage) => {
      await stage.sync('user', numbered(15))
      await stage.sync('group', numbered(15, 15))
      const answer = await stage.get('/resources')
      const { total, page, pageSize, totalPages } = answer.body
      deepEqual({ total, page, pageSize, totalPages }, { total: 30, page: 1, pageSize: 20, totalPages: 2 })
      deepEqual(fieldsOf(answer, 'externalId'), [
        ...numbered(15, 15).map(({ externalId }) => externalId),
        ...numbered(5).map(({ externalId }) => externalId),
      ])
    })

    test('filters by stale', async (stage) => {
      await stage.sync('user', numbered(12))
      await stage.sync('user', numbered(10))
      const idsOf = async (query: string) => fieldsOf(await stage.get(`/resources${query}`), 'externalId')
      deepEqual(await idsOf('?stale=true'), ['1010', '1011'])
      equal((await idsOf('?stale=false')).length, 10)
      equal((await idsOf('')).length, 12)
      const [stale] = itemsOf(await stage.get('/resources?stale=true'))
      requireInstant(stale?.staleSince)
    })

    test('a search has no special characters', async (stage) => {
      await stage.sync('user', [record('1', { displayName: '100%_\\ "x"' }), record('2')])
      for (const term of ['%', '_', '\\', '"x"', '100%_\\']) {
        const answer = await stage.get(`/resources?search=${encodeURIComponent(term)}`)
        deepEqual(fieldsOf(answer, 'externalId'), ['1'], term)
      }
      deepEqual(itemsOf(await stage.get(`/resources?search=${encodeURIComponent("' or 1=1 --")}`)), [])
    })

    test('pages and cursors answer the same list, cursors also while rows come and go', async (stage) => {
      await stage.sync('user', numbered(7))
      const byPage: unknown[] = []
      for (const page of [1, 2, 3, 4]) {
        byPage.push(...itemsOf(await stage.get(`/resources?type=user&pageSize=2&page=${page}`)))
      }
      equal(byPage.length, 7)
      const read = await followCursors(stage, '/resources?type=user&pageSize=2')
      deepEqual(read, byPage)
      const { body } = await stage.get('/resources?pageSize=2')
      await stage.syncline.resources.remove({ connectorId: own, resourceType: 'user', externalId: '1001' })
      await stage.syncline.resources.upsert({ connectorId: own, resourceType: 'user' }, record('0000'))
      const next = await stage.get(`/resources?pageSize=2&after=${textOf(body.nextCursor)}`)
      deepEqual(fieldsOf(next, 'externalId'), ['1002', '1003'])
      deepEqual(Object.keys(next.body).toSorted(), ['data', 'nextCursor', 'pageSize'])
    })

    test('shows nothing of another connector', async (stage) => {
      await stage.sync('user', [record('mine')])
      await stage.sync('user', [record('theirs')], foreign)
      deepEqual(fieldsOf(await stage.get('/resources'), 'externalId'), ['mine'])
      const theirs = await stage.call('GET', `/connectors/${foreign}/resources`, { as: 'neighbour' })
      deepEqual(fieldsOf(theirs, 'externalId'), ['theirs'])
    })
  })
}

/** Every item of a list, from its first page on. */
export async function followCursors(stage: ContractStage, path: string): Promise<unknown[]> {
  const found: unknown[] = []
  let after = ''
  for (;;) {
    const answer = await stage.get(`${path}${after}`)
    equal(answer.status, 200, answer.text)
    found.push(...itemsOf(answer))
    if (answer.body.nextCursor === null) return found
    after = `&after=${textOf(answer.body.nextCursor)}`
  }
}
