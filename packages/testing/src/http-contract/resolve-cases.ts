import { deepEqual, equal } from 'node:assert/strict'
import { requireInstant } from './call-api.ts'
import { contractCases } from './cases.ts'
import { rowOf, setPeople } from './match-cases.ts'
import { foreign } from './stage.ts'
import type { HttpContractSuite } from './suite.ts'

export function testResolve(suite: HttpContractSuite): void {
  contractCases(suite, 'POST resolve', (test) => {
    test('link attaches the user, in the name of the principal, and answers the row', async (stage) => {
      await setPeople(stage)
      const before = await rowOf(stage, 'upstream-42')
      const body = { action: 'link', userId: 'floh', notes: 'Verified with HR' }
      const answer = await stage.post(`/sync-matches/${before.id}/resolve`, { body })
      equal(answer.status, 200, answer.text)
      const { resolvedAt, updatedAt, ...shown } = answer.body
      deepEqual(
        { ...shown, updatedAt: before.updatedAt, resolvedAt: null },
        {
          ...before,
          userId: 'floh',
          matchStatus: 'manual_override',
          matchConfidence: 'exact',
          matchStrategy: null,
          candidateUserIds: null,
          resolutionNotes: 'Verified with HR',
          resolvedBy: 'id of manager',
        },
      )
      requireInstant(resolvedAt)
      requireInstant(updatedAt)
      deepEqual(await rowOf(stage, 'upstream-42'), answer.body)
      deepEqual((await stage.post(`/sync-matches/${before.id}/resolve`, { body })).body, answer.body)
    })

    test('skip marks the row, without a user', async (stage) => {
      await setPeople(stage)
      const { id } = await rowOf(stage, '7')
      const { status, body } = await stage.post(`/sync-matches/${id}/resolve`, { body: { action: 'skip' } })
      deepEqual(
        [status, body.matchStatus, body.userId, body.resolvedBy],
        [200, 'skipped', null, 'id of manager'],
      )
    })

    test('create makes an unconfirmed user from the e-mail of the resource, once', async (stage) => {
      await setPeople(stage)
      const { id } = await rowOf(stage, '9')
      const answer = await stage.post(`/sync-matches/${id}/resolve`, { body: { action: 'create' } })
      equal(answer.status, 200, answer.text)
      const made = stage.users.all().filter(({ email }) => email === 'new@acme.example')
      deepEqual(
        made.map(({ userId, status }) => [userId, status]),
        [[answer.body.userId, 'unconfirmed']],
      )
      equal((await stage.post(`/sync-matches/${id}/resolve`, { body: { action: 'create' } })).status, 200)
      equal(stage.users.all().length, 5)
    })

    test('create without an e-mail is 400, with one that another user has 409', async (stage) => {
      await setPeople(stage)
      const create = async (externalId: string) => {
        const { id } = await rowOf(stage, externalId)
        const { status, body } = await stage.post(`/sync-matches/${id}/resolve`, {
          body: { action: 'create' },
        })
        return [status, body.code]
      }
      deepEqual(await create('8'), [400, 'MATCH_EMAIL_MISSING'])
      deepEqual(await create('upstream-42'), [409, 'USER_EXISTS'])
      equal(stage.users.all().length, 4)
    })

    test('a repeated Idempotency-Key answers the same and does nothing again', async (stage) => {
      await setPeople(stage)
      const { id } = await rowOf(stage, '9')
      const path = `/sync-matches/${id}/resolve`
      const headers = { 'idempotency-key': 'key-1' }
      const first = await stage.post(path, { body: { action: 'skip' }, headers })
      equal(first.status, 200, first.text)
      await stage.post(`/sync-matches/${id}/unlink`)
      const again = await stage.post(path, { body: { action: 'skip' }, headers })
      deepEqual([again.status, again.body], [first.status, first.body])
      equal((await rowOf(stage, '9')).matchStatus, 'unmatched')
      const other = await stage.post(path, { body: { action: 'link', userId: 'floh' }, headers })
      deepEqual([other.status, other.body.code], [422, 'IDEMPOTENCY_KEY_REUSED'])
    })

    test('takes no other fields or values: 400, and the row stays as it was', async (stage) => {
      await setPeople(stage)
      stage.users.put({ userId: 'of-another-tenant', tenantId: 'two', status: 'active' })
      const before = await rowOf(stage, '7')
      for (const body of [
        {},
        { action: 'link' },
        { action: 'link', userId: null },
        { action: 'link', userId: ['floh'] },
        { action: 'link', userId: '' },
        { action: 'link', userId: 'nobody' },
        { action: 'link', userId: 'of-another-tenant' },
        { action: 'LINK', userId: 'floh' },
        { action: 'unlink' },
        { action: 'skip', notes: 7 },
        { action: 'skip', notes: 'x'.repeat(10_001) },
        { action: 'skip', notes: 'a\u0000b' },
        { action: 'skip', resolvedBy: 'somebody else' },
        { action: 'skip', resolvedAt: '2026-01-01T00:00:00Z' },
        { action: 'skip', matchStatus: 'matched' },
        { action: 'skip', connectorId: foreign },
        { action: 'skip', tenantId: 'two' },
        [{ action: 'skip' }],
        null,
      ]) {
        const answer = await stage.post(`/sync-matches/${before.id}/resolve`, { body })
        equal(answer.status, 400, JSON.stringify(body).slice(0, 200))
      }
      const none = await stage.post(`/sync-matches/${before.id}/resolve`)
      deepEqual([none.status, none.body.code], [400, 'REQUEST_INVALID'])
      deepEqual(await rowOf(stage, '7'), before)
    })

    test('needs the permission to manage', async (stage) => {
      await setPeople(stage)
      const before = await rowOf(stage, '7')
      const body = { action: 'skip' }
      for (const [path, sent] of [
        [`/sync-matches/${before.id}/resolve`, body],
        [`/sync-matches/${before.id}/unlink`, undefined],
        ['/sync-matches/bulk-resolve', { ...body, matchIds: [before.id] }],
      ] as const) {
        const refused = await stage.post(path, { as: 'reader', body: sent })
        deepEqual([refused.status, refused.body.code], [403, 'FORBIDDEN'])
        equal((await stage.post(path, { as: 'nobody', body: sent })).status, 401)
      }
      deepEqual(await rowOf(stage, '7'), before)
    })
  })
}
