import { deepEqual, equal, match, ok } from 'node:assert/strict'
import type { JsonObject, LocalUser } from '@syncline/core'
import { fieldsOf, itemsOf, objectOf, requireInstant, textOf } from './call-api.ts'
import { contractCases } from './cases.ts'
import { followCursors } from './resource-cases.ts'
import { type ContractStage, foreign, own, record } from './stage.ts'
import type { HttpContractSuite } from './suite.ts'

const user = (userId: string, email: string): LocalUser => ({
  userId,
  tenantId: 'one',
  status: 'active',
  email,
})

/**
 * upstream-42 is one of two Janes, 7 is Ann, 8 is nobody's and has no e-mail, 9 is nobody's and shares its e-mail
 * with nobody.
 */
export async function setPeople(stage: ContractStage): Promise<void> {
  for (const one of [
    user('jane-1', 'jane@acme.com'),
    user('jane-2', 'JANE@acme.com'),
    user('ann', '7@acme.example'),
    user('floh', 'floh@acme.example'),
  ]) {
    stage.users.put(one)
  }
  await stage.sync('user', [
    record('upstream-42', { displayName: 'Jane Doe', email: 'jane@acme.com' }),
    record('7'),
    record('8', { email: null }),
    record('9', { email: 'new@acme.example' }),
  ])
  await stage.syncline.postSync.run({ connectorId: own, resourceType: 'user' })
}

/** The row of an external id, as the list shows it. */
export async function rowOf(stage: ContractStage, externalId: string): Promise<JsonObject & { id: string }> {
  const list = await stage.get('/sync-matches?type=user&pageSize=2000')
  const found = itemsOf(list).find((row) => row.externalId === externalId)
  ok(found, `There is no row of ${externalId}: ${list.text}`)
  return { ...found, id: textOf(found.id) }
}

export function testMatches(suite: HttpContractSuite): void {
  contractCases(suite, 'GET sync-matches', (test) => {
    test('answers the documented page of ambiguous rows, field by field', async (stage) => {
      await setPeople(stage)
      const query = 'type=user&page=1&pageSize=20&status=ambiguous&search=acme'
      const answer = await stage.get(`/sync-matches?${query}`, { as: 'reader' })
      equal(answer.status, 200)
      const { data: _, ...rest } = answer.body
      deepEqual(rest, {
        total: 1,
        totalIsExact: true,
        page: 1,
        pageSize: 20,
        totalPages: 1,
        nextCursor: null,
      })
      const [item, ...others] = itemsOf(answer)
      deepEqual(others, [])
      const { id, connectorResourceId, createdAt, updatedAt, candidateUserIds, ...shown } = item ?? {}
      for (const uuid of [id, connectorResourceId]) match(textOf(uuid), /^[0-9a-f-]{36}$/)
      for (const instant of [createdAt, updatedAt]) requireInstant(instant)
      deepEqual(shown, {
        connectorId: own,
        resourceType: 'user',
        externalId: 'upstream-42',
        externalDisplayName: 'Jane Doe',
        externalEmail: 'jane@acme.com',
        userId: null,
        matchStatus: 'ambiguous',
        matchConfidence: 'ambiguous',
        matchStrategy: 'email',
        resolutionNotes: null,
        resolvedBy: null,
        resolvedAt: null,
      })
      const candidates = Array.isArray(candidateUserIds) ? candidateUserIds.map(objectOf) : []
      deepEqual(
        candidates.toSorted((one, other) => textOf(one.userId).localeCompare(textOf(other.userId))),
        [
          { userId: 'jane-1', email: 'jane@acme.com', confidence: 'ambiguous', reason: 'email' },
          { userId: 'jane-2', email: 'JANE@acme.com', confidence: 'ambiguous', reason: 'email' },
        ],
      )
    })

    test('is ordered by external id, by status and term, in pages and by cursor', async (stage) => {
      await setPeople(stage)
      const all = await stage.get('/sync-matches?type=user')
      deepEqual(fieldsOf(all, 'externalId'), ['7', '8', '9', 'upstream-42'])
      const idsOf = async (query: string) =>
        fieldsOf(await stage.get(`/sync-matches?type=user&${query}`), 'externalId')
      deepEqual(await idsOf('status=matched'), ['7'])
      deepEqual(await idsOf('status=unmatched'), ['8', '9'])
      deepEqual(await idsOf('search=NEW%40'), ['9'])
      deepEqual(await idsOf('search=%25'), [])
      deepEqual(await idsOf('page=2&pageSize=3'), ['upstream-42'])
      deepEqual(await followCursors(stage, '/sync-matches?type=user&pageSize=1'), itemsOf(all))
    })

    test('stats answers how many rows there are of each status', async (stage) => {
      await setPeople(stage)
      const { status, body } = await stage.get('/sync-matches/stats?type=user', { as: 'reader' })
      equal(status, 200)
      deepEqual(body, {
        matched: 1,
        unmatched: 2,
        ambiguous: 1,
        skipped: 0,
        manual_override: 0,
        create_pending: 0,
      })
      deepEqual((await stage.get('/sync-matches/stats?type=device')).body, {
        ...body,
        matched: 0,
        unmatched: 0,
        ambiguous: 0,
      })
    })
  })

  contractCases(suite, 'POST unlink', (test) => {
    test('clears user and resolution, for a later post-sync to match again', async (stage) => {
      await setPeople(stage)
      const { id } = await rowOf(stage, '7')
      await stage.post(`/sync-matches/${id}/resolve`, {
        body: { action: 'link', userId: 'floh', notes: 'x' },
      })
      const answer = await stage.post(`/sync-matches/${id}/unlink`)
      equal(answer.status, 200, answer.text)
      const { userId, matchStatus, matchConfidence, resolutionNotes, resolvedBy, resolvedAt } = answer.body
      deepEqual(
        { userId, matchStatus, matchConfidence, resolutionNotes, resolvedBy, resolvedAt },
        {
          userId: null,
          matchStatus: 'unmatched',
          matchConfidence: 'none',
          resolutionNotes: null,
          resolvedBy: null,
          resolvedAt: null,
        },
      )
      deepEqual((await stage.post(`/sync-matches/${id}/unlink`, { body: {} })).body, answer.body)
      await stage.syncline.postSync.run({ connectorId: own, resourceType: 'user' })
      equal((await rowOf(stage, '7')).userId, 'ann')
    })
  })

  contractCases(suite, 'POST bulk-resolve', (test) => {
    test('answers how many rows are as asked for, and leaves other connectors’ alone', async (stage) => {
      await setPeople(stage)
      await stage.sync('user', [record('theirs')], foreign)
      await stage.syncline.postSync.run({ connectorId: foreign, resourceType: 'user' })
      const [theirs] = (await stage.syncline.matches.list({ connectorId: foreign, resourceType: 'user' }))
        .data
      const ids = [(await rowOf(stage, '8')).id, (await rowOf(stage, '9')).id]
      const matchIds = [...ids, theirs?.matchId, 'no-such-row', ids[0]]
      const notes = 'Bulk link after directory review'
      const body = { matchIds, action: 'link', userId: 'floh', notes }
      const answer = await stage.post('/sync-matches/bulk-resolve', { body })
      deepEqual([answer.status, answer.body], [200, { updated: 2 }])
      for (const externalId of ['8', '9']) {
        const { userId, matchStatus, resolutionNotes, resolvedBy } = await rowOf(stage, externalId)
        deepEqual(
          { userId, matchStatus, resolutionNotes, resolvedBy },
          {
            userId: 'floh',
            matchStatus: 'manual_override',
            resolutionNotes: notes,
            resolvedBy: 'id of manager',
          },
        )
      }
      const [after] = (await stage.syncline.matches.list({ connectorId: foreign, resourceType: 'user' })).data
      deepEqual(after, theirs)
      const skipped = await stage.post('/sync-matches/bulk-resolve', {
        body: { matchIds: ids, action: 'skip' },
      })
      deepEqual(skipped.body, { updated: 2 })
      equal((await rowOf(stage, '8')).matchStatus, 'skipped')
    })

    test('takes link with a user or skip, and 1 to 10,000 rows: else 400, and nothing is written', async (stage) => {
      await setPeople(stage)
      const { id } = await rowOf(stage, '8')
      const before = (await stage.get('/sync-matches?type=user')).body
      for (const body of [
        { matchIds: [], action: 'skip' },
        { matchIds: id, action: 'skip' },
        { matchIds: [id, null], action: 'skip' },
        { matchIds: Array.from({ length: 10_001 }, (_, index) => String(index)), action: 'skip' },
        { matchIds: [id], action: 'create' },
        { matchIds: [id], action: 'link' },
        { matchIds: [id], action: 'link', userId: 'nobody' },
        { matchIds: [id], action: 'link', userId: ['floh'] },
        { matchIds: [id], action: 'skip', notes: null },
        { matchIds: [id], action: 'skip', resolvedBy: 'somebody else' },
        { matchIds: [id], action: 'skip', connectorId: foreign },
        { action: 'skip' },
        { matchIds: [id] },
        [],
        'skip',
        null,
      ]) {
        const answer = await stage.post('/sync-matches/bulk-resolve', { body })
        equal(answer.status, 400, JSON.stringify(body)?.slice(0, 200))
      }
      deepEqual((await stage.get('/sync-matches?type=user')).body, before)
    })
  })
}
