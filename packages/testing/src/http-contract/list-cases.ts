import { deepEqual, equal } from 'node:assert/strict'
import { itemsOf, textOf } from './call-api.ts'
import { contractCases } from './cases.ts'
import { foreign, own, record } from './stage.ts'
import type { HttpContractSuite } from './suite.ts'

const lists = ['/resources', '/quarantine', '/runs', '/sync-matches?type=user'] as const

const withQuery = (list: string, query: string): string => `${list}${list.includes('?') ? '&' : '?'}${query}`

/** What no list takes: only plain digits in range, every name once, no name unasked for. */
const refused = [
  'page=0',
  'page=-1',
  'page=1e3',
  'page=0x10',
  'page=10.5',
  'page=',
  'page=%201',
  'page=01',
  'page=1&page=2',
  'page=1000000000000',
  'pageSize=0',
  'pageSize=2001',
  'pageSize=20,30',
  'pageSize[]=20',
  'limit=20',
  'sort=externalId',
  'after=',
  'after=e30',
  'after=%00',
  'after=%ff',
  `after=${'x'.repeat(9_000)}`,
]

export function testLists(suite: HttpContractSuite): void {
  contractCases(suite, 'lists', (test) => {
    test('take plain digits in range, each name once, and no name unasked for: else 400', async (stage) => {
      for (const list of lists) {
        for (const query of refused) {
          const path = withQuery(list, query)
          const answer = await stage.get(path)
          deepEqual([answer.status, answer.body.code], [400, 'REQUEST_INVALID'], path)
          equal(answer.headers.get('content-type')?.startsWith('application/problem+json'), true)
        }
      }
    })

    test('take their own filters only, in their own words: else 400', async (stage) => {
      const queries = [
        '/resources?type=User',
        '/resources?type=',
        '/resources?stale=yes',
        '/resources?stale=1',
        `/resources?search=${'x'.repeat(256)}`,
        '/resources?search=%00',
        '/resources?status=error',
        '/quarantine?search=x',
        '/quarantine?type=-',
        '/runs?status=done',
        '/runs?search=x',
        '/sync-matches',
        '/sync-matches?type=user&status=linked',
        '/sync-matches?type=user&stale=true',
        `/sync-matches?type=user&search=${'x'.repeat(256)}`,
        '/sync-matches/stats',
        '/sync-matches/stats?type=user&page=1',
        '/runs/%00',
        '/runs/some%20run',
      ]
      for (const path of queries) {
        const answer = await stage.get(path)
        deepEqual([answer.status, answer.body.code], [400, 'REQUEST_INVALID'], path)
      }
    })

    test('refuse a cursor of another list or another connector, and one beside a page', async (stage) => {
      await stage.sync('user', [record('1'), record('2')])
      await stage.sync('user', [record('1'), record('2')], foreign)
      const { body } = await stage.get('/resources?pageSize=1')
      const cursor = textOf(body.nextCursor)
      const theirs = await stage.call('GET', `/connectors/${foreign}/resources?pageSize=1`, {
        as: 'neighbour',
      })
      for (const path of [
        `/runs?after=${cursor}`,
        `/quarantine?after=${cursor}`,
        `/sync-matches?type=user&after=${cursor}`,
        `/resources?after=${textOf(theirs.body.nextCursor)}`,
        `/resources?after=${cursor}&page=1`,
        `/resources?after=${cursor.slice(0, -4)}`,
      ]) {
        const answer = await stage.get(path)
        deepEqual([answer.status, answer.body.code], [400, 'REQUEST_INVALID'], path)
      }
      equal((await stage.get(`/resources?after=${cursor}`)).status, 200)
    })

    test('refuse cursors that somebody made up: 400, never more', async (stage) => {
      const forged = (list: string, key: unknown): string =>
        Buffer.from(JSON.stringify([list, own, key])).toString('base64url')
      const user = { resourceType: 'user' }
      for (const path of [
        ...[null, 7, 'x', {}, user, { ...user, externalId: 7 }, { ...user, externalId: 'a\u0000' }].map(
          (key) => `/resources?after=${forged('resources', key)}`,
        ),
        `/resources?after=${forged('resources', { resourceType: 'a\u0000', externalId: '1' })}`,
        ...[null, 7, 'a\u0000', ['1']].map(
          (key) => `/sync-matches?type=user&after=${forged('sync-matches', key)}`,
        ),
        ...[null, 7, '', 'a b', 'a\u0000'].map((key) => `/runs?after=${forged('runs', key)}`),
        ...[null, '7', 7.5, 1e300].map((key) => `/quarantine?after=${forged('quarantine', key)}`),
      ]) {
        const answer = await stage.get(path)
        deepEqual([answer.status, answer.body.code], [400, 'REQUEST_INVALID'], path)
      }
      const nowhere = [
        `/resources?after=${forged('resources', { ...user, externalId: '\ud800' })}`,
        `/sync-matches?type=user&after=${forged('sync-matches', 'zzz')}`,
        `/runs?after=${forged('runs', 'no-such-run')}`,
        `/quarantine?after=${forged('quarantine', -1)}`,
      ]
      for (const path of nowhere) deepEqual(itemsOf(await stage.get(path)), [], path)
    })

    test('answer an empty page where there is nothing', async (stage) => {
      for (const list of lists) {
        const answer = await stage.get(list)
        equal(answer.status, 200, list)
        deepEqual(itemsOf(answer), [])
        const { total, page, pageSize, totalPages, nextCursor } = answer.body
        deepEqual([total, page, pageSize, totalPages, nextCursor], [0, 1, 20, 0, null], list)
        deepEqual(itemsOf(await stage.get(withQuery(list, 'page=100000&pageSize=2000'))), [])
      }
      deepEqual(itemsOf(await stage.get('/sync-matches?type=planet')), [])
    })

    test('are nobody’s business without a token, and not answered to other tenants', async (stage) => {
      for (const list of lists) {
        equal((await stage.get(list, { as: 'nobody' })).status, 401)
        equal((await stage.get(list, { as: 'neighbour' })).status, 404)
        equal((await stage.get(list, { as: 'reader' })).status, 200)
        equal((await stage.call('GET', `/connectors/${own.toUpperCase()}${list}`)).status, 404)
      }
    })
  })
}
