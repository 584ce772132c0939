import { deepEqual, equal, ok } from 'node:assert/strict'
import { defined, otherStaff, staff, teams, tenantId } from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { prepareScopes, refuses } from './passes.ts'
import {
  actionOf,
  beginPostSync,
  commitParts,
  finishPostSync,
  jobOf,
  linkedTo,
  matchWrite,
  newAction,
  peopleOf,
  rowOf,
  tryCommit,
} from './people-builders.ts'

export function testPeopleCommit(suite: StoreSuite): void {
  storeCases(suite, 'PeopleStore: commit', (test) => {
    test('a match row is kept as it was written, with an id, version 1 and its times', async ({ store }) => {
      await prepareScopes(store, staff)
      const write = linkedTo('a', 'user-1', {
        externalEmail: 'Ann@Acme.example',
        candidateUserIds: [
          { userId: 'user-2', email: 'ann@acme.example', confidence: 'ambiguous', reason: 'email' },
        ],
        evidence: [
          { strategy: 'email_and_issuer', key: { value: 'ann@acme.example', issuer: 'idp' }, hits: 0 },
          { strategy: 'email', key: { value: 'ann@acme.example' }, hits: 1 },
        ],
        problem: { code: 'USER_EXISTS', message: 'Somebody has it' },
        resolutionNotes: 'Seen with \u{1F511} "quotes"',
        resolvedBy: 'operator-1',
        resolvedAt: 'now',
      })
      await commitParts(store, { matches: [write] })
      const { matchId, resolvedAt, createdAt, updatedAt, ...row } = await rowOf(store, 'a')
      ok(matchId.length > 0)
      ok(resolvedAt && createdAt && updatedAt)
      const { resolvedAt: _, ...written } = write
      deepEqual(defined(row), { ...staff, ...written, version: 1 })
    })

    test('writing a row again keeps its id and creation, raises its version and drops what is not given', async ({
      store,
    }) => {
      await prepareScopes(store, staff)
      await commitParts(store, {
        matches: [linkedTo('a', 'user-1', { resolvedBy: 'operator-1', resolvedAt: 'now' })],
      })
      const first = await rowOf(store, 'a')
      await commitParts(store, { matches: [matchWrite('a', { version: 1 })] })
      const second = await rowOf(store, 'a')
      deepEqual(
        [second.matchId, second.version, second.createdAt.getTime()],
        [first.matchId, 2, first.createdAt.getTime()],
      )
      deepEqual(
        [second.userId, second.matchStrategy, second.resolvedBy, second.resolvedAt],
        [undefined, undefined, undefined, undefined],
      )
    })

    test('an instant of resolution that is given is kept', async ({ store }) => {
      await prepareScopes(store, staff)
      const resolvedAt = new Date('2026-03-04T05:06:07.089Z')
      await commitParts(store, {
        matches: [linkedTo('a', 'user-1', { resolvedBy: 'operator-1', resolvedAt })],
      })
      equal((await rowOf(store, 'a')).resolvedAt?.getTime(), resolvedAt.getTime())
    })

    test('a row of another version is a conflict, and nothing at all is written', async ({ store }) => {
      await prepareScopes(store, staff)
      await commitParts(store, { matches: [matchWrite('a')] })
      const action = newAction({ kind: 'link', status: 'done' })
      const answer = await tryCommit(store, {
        matches: [linkedTo('a', 'user-1'), linkedTo('b', 'user-2')],
        actions: [action],
        jobs: [jobOf('job-1')],
        triggeredTo: 5,
      })
      deepEqual(answer, { kind: 'conflict', externalIds: ['a'] })
      equal((await rowOf(store, 'a')).userId, undefined)
      deepEqual(await peopleOf(store).subjectsOf(staff, ['b']), [])
      equal(await peopleOf(store).action(action.actionId), undefined)
      deepEqual(await peopleOf(store).claimJobs({ limit: 10, leaseMs: 1000 }), [])
      equal((await beginPostSync(store)).triggeredTo, 0)
    })

    test('hundreds of new rows at once are kept as they were written', async ({ store }) => {
      await prepareScopes(store, staff)
      const writes = manyWrites()
      await commitParts(store, { matches: writes })
      const ids = writes.map(({ externalId }) => externalId)
      const rows = new Map(
        (await peopleOf(store).subjectsOf(staff, ids)).map(({ externalId, match }) => [externalId, match]),
      )
      for (const write of writes) {
        const row = rows.get(write.externalId)
        ok(row, write.externalId)
        const { matchId, createdAt, updatedAt, ...kept } = row
        ok(matchId.length > 0)
        equal(createdAt.getTime(), updatedAt.getTime())
        deepEqual(defined(kept), { ...staff, ...write, version: 1 })
      }
      equal(new Set([...rows.values()].map((row) => row?.matchId)).size, writes.length)
    })

    test('of hundreds of new rows one that is there already is a conflict, and nothing at all is written', async ({
      store,
    }) => {
      await prepareScopes(store, staff)
      const writes = manyWrites()
      const [, there] = writes
      ok(there)
      await commitParts(store, { matches: [there, matchWrite('other')] })
      const answer = await tryCommit(store, {
        matches: [...writes, matchWrite('other')],
        jobs: [jobOf('job-1')],
      })
      ok(answer.kind === 'conflict')
      deepEqual(answer.externalIds.toSorted(), [there.externalId, 'other'].toSorted())
      equal(await peopleOf(store).count(staff), 2)
      deepEqual(await peopleOf(store).claimJobs({ limit: 10, leaseMs: 1000 }), [])
      await commitParts(store, { matches: writes.filter((write) => write !== there) })
      equal(await peopleOf(store).count(staff), writes.length + 1)
    })

    test('of writers at the same time one gets a row', async ({ store }) => {
      await prepareScopes(store, staff)
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          tryCommit(store, { matches: [linkedTo('a', `user-${index}`), matchWrite(`own-${index}`)] }),
        ),
      )
      equal(answers.filter(({ kind }) => kind === 'committed').length, 1)
      equal((await rowOf(store, 'a')).version, 1)
      equal(await peopleOf(store).count(staff), 2)
    })

    test('external ids are kept byte for byte: case, composition and leading zeros make other rows', async ({
      store,
    }) => {
      await prepareScopes(store, staff)
      const ids = ['a', 'A', '007', '7', 'e\u0301', '\u00e9']
      await commitParts(store, { matches: ids.map((id) => matchWrite(id)) })
      equal((await peopleOf(store).subjectsOf(staff, ids)).length, ids.length)
    })

    test('an action is recorded once, whatever is said of it again', async ({ store }) => {
      await prepareScopes(store, staff)
      const action = newAction({
        kind: 'create',
        userId: undefined,
        before: {},
        after: { email: 'a@b.example' },
      })
      await commitParts(store, { actions: [action] })
      await commitParts(store, { actions: [{ ...action, reason: 'another', status: 'done' }] })
      const { position, at, ...recorded } = await actionOf(store, action.actionId)
      ok(position > 0 && at instanceof Date)
      deepEqual(defined(recorded), defined({ ...staff, tenantId, ...action }))
    })

    test('an intended action is settled once; a later settling changes nothing', async ({ store }) => {
      await prepareScopes(store, staff)
      const { actionId } = await intended(store)
      await commitParts(store, {
        settled: [
          { actionId, status: 'done', before: { status: 'unconfirmed' }, after: { status: 'deactivated' } },
        ],
      })
      await commitParts(store, { settled: [{ actionId, status: 'abandoned' }] })
      const action = await actionOf(store, actionId)
      deepEqual([action.status, action.before], ['done', { status: 'unconfirmed' }])
      ok(action.settledAt instanceof Date)
    })

    test('a settling keeps what it does not name', async ({ store }) => {
      await prepareScopes(store, staff)
      const { actionId } = await intended(store)
      const problem = { code: 'USER_NOT_FOUND', message: 'Gone' }
      await commitParts(store, { settled: [{ actionId, status: 'failed', problem }] })
      const { status, userId, before, after, problem: kept } = await actionOf(store, actionId)
      deepEqual(
        { status, userId, before, after, kept },
        {
          status: 'failed',
          userId: 'user-a',
          before: { status: 'active' },
          after: { status: 'deactivated' },
          kept: problem,
        },
      )
    })

    test('a commit with the lease of a run that ended is refused, and nothing is written', async ({
      store,
    }) => {
      await prepareScopes(store, staff)
      const { lease } = await beginPostSync(store)
      await finishPostSync(store, lease)
      await refuses('LEASE_LOST', () => tryCommit(store, { lease, matches: [matchWrite('a')] }))
      deepEqual(await peopleOf(store).subjectsOf(staff, ['a']), [])
    })

    test('a commit with the lease of a run that was taken over is refused', async ({ store, timePasses }) => {
      await prepareScopes(store, staff)
      const { lease } = await beginPostSync(store)
      await timePasses(61_000)
      await beginPostSync(store)
      await refuses('LEASE_LOST', () => tryCommit(store, { lease, matches: [matchWrite('a')] }))
    })

    test('a commit extends its lease', async ({ store, timePasses }) => {
      await prepareScopes(store, staff)
      const { lease } = await beginPostSync(store)
      await timePasses(40_000)
      await commitParts(store, { lease, matches: [matchWrite('a')] })
      await timePasses(40_000)
      const again = await peopleOf(store).begin({ scope: staff, runId: 'other', leaseMs: 1000 })
      equal(again.kind, 'running')
    })

    test('a commit for a connector that is gone is refused', async ({ store }) => {
      await prepareScopes(store, staff)
      await store.connectors.remove(staff.connectorId)
      await refuses('CONNECTOR_NOT_FOUND', () => tryCommit(store, { matches: [matchWrite('a')] }))
    })

    test('triggeredTo never goes back', async ({ store }) => {
      await prepareScopes(store, staff)
      await commitParts(store, { triggeredTo: 7 })
      await commitParts(store, { triggeredTo: 3 })
      equal((await beginPostSync(store)).triggeredTo, 7)
    })

    test('a scope never sees the rows of another', async ({ store }) => {
      await prepareScopes(store, staff, teams, otherStaff)
      await commitParts(store, { matches: [linkedTo('a', 'user-1')] })
      for (const scope of [teams, otherStaff]) {
        deepEqual(await peopleOf(store).subjectsOf(scope, ['a']), [])
        equal(await peopleOf(store).count(scope), 0)
        await commitParts(store, { scope, matches: [matchWrite('a')] })
      }
      equal((await rowOf(store, 'a')).userId, 'user-1')
    })
  })
}

/** New rows, every field there in some and absent in others. */
const manyWrites = () =>
  Array.from({ length: 300 }, (_, place) => {
    const key = { value: `ann-${place}@acme.example`, ...(place % 2 === 0 && { issuer: 'ıdp "1"' }) }
    return matchWrite(`a-${place}`, {
      externalDisplayName: `Ann \u{1F511} ${'Ł'.repeat(place)}`,
      evidence: [{ strategy: 'email_and_issuer', key, hits: place % 3 }],
      ...(place % 5 === 0 && { externalEmail: `Ann-${place}@Acme.example` }),
      ...(place % 3 === 1 && {
        userId: `user-${place}`,
        matchStatus: 'matched',
        matchConfidence: 'exact',
        matchStrategy: 'email_and_issuer',
      }),
      ...(place % 7 === 0 && {
        problem: { code: 'USER_EXISTS', message: 'Somebody "has" it' },
        candidateUserIds: [{ userId: 'user-2', confidence: 'ambiguous', reason: 'email' }],
      }),
      ...(place % 11 === 0 && { resolutionNotes: 'Seen\tby', resolvedBy: 'operator-1' }),
    })
  })

async function intended(store: Parameters<typeof commitParts>[0]) {
  const action = newAction()
  await commitParts(store, { actions: [action] })
  return action
}
