import { deepEqual, equal } from 'node:assert/strict'
import { fieldsOf, itemsOf, requireInstant } from './call-api.ts'
import { contractCases } from './cases.ts'
import { followCursors } from './resource-cases.ts'
import { own, record } from './stage.ts'
import type { HttpContractSuite } from './suite.ts'

export function testQuarantineRoute(suite: HttpContractSuite): void {
  contractCases(suite, 'GET quarantine', (test) => {
    test('answers what could not be kept and why, field by field', async (stage) => {
      const runId = await stage.sync('user', [
        record('good'),
        record('bad', { displayName: 'x'.repeat(300) }),
      ])
      const answer = await stage.get('/quarantine', { as: 'reader' })
      equal(answer.status, 200)
      const [entry, ...others] = itemsOf(answer)
      deepEqual(others, [])
      const { id, detail, quarantinedAt, ...shown } = entry ?? {}
      equal(Number.isSafeInteger(id), true)
      equal(typeof detail, 'string')
      requireInstant(quarantinedAt)
      deepEqual(shown, {
        connectorId: own,
        resourceType: 'user',
        externalId: 'bad',
        reason: 'TOO_LONG',
        runId,
        generation: 1,
        pageNumber: 1,
        position: 1,
      })
    })

    test('is newest first, of all types or of one, in pages and by cursor', async (stage) => {
      const bad = (...ids: string[]) => ids.map((id) => record(id, { displayName: 'x'.repeat(300) }))
      await stage.sync('user', bad('u1', 'u2'))
      await stage.sync('group', bad('g1', 'g2', 'g3'))
      const all = await stage.get('/quarantine')
      deepEqual(fieldsOf(all, 'externalId'), ['g3', 'g2', 'g1', 'u2', 'u1'])
      const ofUsers = await stage.get('/quarantine?type=user')
      deepEqual(fieldsOf(ofUsers, 'externalId'), ['u2', 'u1'])
      equal(ofUsers.body.total, 2)
      deepEqual(fieldsOf(await stage.get('/quarantine?pageSize=2&page=2'), 'externalId'), ['g1', 'u2'])
      deepEqual(await followCursors(stage, '/quarantine?pageSize=2'), itemsOf(all))
    })
  })
}
