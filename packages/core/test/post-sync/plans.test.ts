import type { PostSyncPlan } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import {
  localUser,
  localUsers,
  type PeopleStage,
  people,
  person,
  setPeopleStage,
  staff,
} from './people-stage.ts'

const titleRule = {
  sourcePath: 'attributes.title',
  targetField: 'title',
  writeMode: 'overwrite_always',
  enabled: true,
} as const

/** ann is linked and leaves, bob is new and has a user, cleo is new and has none, dora gets a title. */
async function setScene(): Promise<PeopleStage> {
  const stage = await setPeopleStage({
    manual: true,
    users: localUsers('ann', 'bob', 'dora'),
    settings: { createUsers: true, deactivateUsers: true, attributeMappings: [titleRule] },
  })
  await stage.sync(...people('ann', 'dora'))
  await stage.syncline.postSync.run(staff)
  await stage.sync(...people('bob', 'cleo'), person('dora', { attributes: { title: 'Boss' } }))
  return stage
}

describe('a plan', () => {
  test('is the complete intended effect as data, and writes nothing', async () => {
    const stage = await setScene()
    const before = [
      await stage.rows(),
      stage.statuses(),
      await stage.journal(),
      await stage.profile('user-dora'),
    ]
    const plan = await stage.syncline.postSync.plan(staff)
    expect(plan).toMatchObject({
      version: 1,
      ...staff,
      matches: [
        { externalId: 'bob', to: { matchStatus: 'matched', userId: 'user-bob' }, version: 0 },
        { externalId: 'cleo', to: { matchStatus: 'create_pending' } },
      ],
      creates: [{ externalId: 'cleo', email: 'cleo@acme.example', displayName: 'Name of cleo', profile: [] }],
      deactivations: [{ externalId: 'ann', userId: 'user-ann', email: 'ann@acme.example', from: 'active' }],
      reactivations: [],
      profiles: [{ externalId: 'dora', userId: 'user-dora', changes: [{ field: 'title', to: 'Boss' }] }],
      guard: { linked: 2, candidates: 1, tripped: false },
    })
    expect([
      await stage.rows(),
      stage.statuses(),
      await stage.journal(),
      await stage.profile('user-dora'),
    ]).toEqual(before)
    expect(await stage.syncline.postSync.runs(staff)).toHaveLength(1)
  })

  test('shows old and new values of a profile', async () => {
    const stage = await setScene()
    await stage.syncline.postSync.run(staff)
    await stage.sync(person('dora', { attributes: { title: 'Chief' } }))
    const { profiles } = await stage.syncline.postSync.plan(staff)
    expect(profiles).toMatchObject([{ changes: [{ field: 'title', from: 'Boss', to: 'Chief' }] }])
  })

  test('is applied exactly, also after it was kept as JSON; applying it again answers the same run', async () => {
    const stage = await setScene()
    const plan: PostSyncPlan = JSON.parse(JSON.stringify(await stage.syncline.postSync.plan(staff)))
    const run = await stage.syncline.postSync.apply(plan)
    expect(run).toMatchObject({ status: 'success', planId: plan.planId })
    expect(await stage.rows()).toEqual([
      'ann matched user-ann',
      'bob matched user-bob',
      'cleo matched made-1',
      'dora matched user-dora',
    ])
    expect(stage.statuses()).toEqual([
      'made-1 unconfirmed',
      'user-ann deactivated',
      'user-bob active',
      'user-dora active',
    ])
    expect(await stage.syncline.postSync.apply(plan)).toEqual(run)
  })

  test('that was changed on its way is refused', async () => {
    const stage = await setScene()
    const plan = await stage.syncline.postSync.plan(staff)
    const [deactivation] = plan.deactivations
    for (const changed of [
      { ...plan, deactivations: [{ ...deactivation, userId: 'user-bob' }] },
      { ...plan, deactivations: [] },
      { ...plan, connectorId: 'hr-2' },
      { ...plan, digest: 'x' },
      {},
      null,
    ]) {
      await expect(stage.syncline.postSync.apply(changed as unknown as PostSyncPlan)).rejects.toMatchObject({
        code: 'PLAN_INVALID',
      })
    }
    expect(await stage.journal()).toEqual([])
  })

  test.each<[string, (stage: PeopleStage) => unknown, object]>([
    [
      'an operator resolved a row',
      async (stage) => {
        const { syncline } = stage
        await syncline.matches.resolve({ ...(await stage.row('dora')), action: 'skip', resolvedBy: 'op' })
      },
      { part: 'profiles', externalId: 'dora', what: 'dropped' },
    ],
    [
      'a resource came back',
      (stage) => stage.syncline.resources.upsert(staff, person('ann')),
      { part: 'deactivations', externalId: 'ann', what: 'dropped' },
    ],
    [
      'a resource was added',
      (stage) => stage.syncline.resources.upsert(staff, person('eve')),
      { part: 'matches', externalId: 'eve', what: 'added' },
    ],
    [
      'a user got the e-mail',
      (stage) => stage.users.put(localUser('cleo')),
      { part: 'creates', externalId: 'cleo', what: 'dropped' },
    ],
    [
      'a user is gone',
      (stage) => stage.users.remove('user-ann'),
      { part: 'deactivations', externalId: 'ann', what: 'dropped' },
    ],
    [
      'a profile was written',
      (stage) =>
        stage.profiles.write([
          {
            tenantId: 'default',
            userId: 'user-dora',
            version: '',
            changes: [{ field: 'x', to: 1, source: { source: 'connector', ...staff } }],
          },
        ]),
      { part: 'profiles', externalId: 'dora', what: 'changed' },
    ],
    [
      'the settings changed',
      (stage) => stage.configure({ userMatchFallbackStrategies: ['external_id'] }),
      { part: 'settings', externalId: '', what: 'changed' },
    ],
  ])('is refused with what changed, and nothing is written, when %s', async (_, change, difference) => {
    const stage = await setScene()
    const plan = await stage.syncline.postSync.plan(staff)
    await change(stage)
    const before = [await stage.rows(), stage.statuses(), await stage.journal()]
    const refusal = await stage.syncline.postSync.apply(plan).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'PLAN_OUTDATED' })
    const { details } = refusal as { details: { differences: object[] } }
    expect(details.differences).toContainEqual(difference)
    expect([await stage.rows(), stage.statuses(), await stage.journal()]).toEqual(before)
    expect(await stage.syncline.postSync.runs(staff)).toHaveLength(1)
  })

  test('ends where something changes while it is applied: what is not in the plan is not done', async () => {
    const stage = await setScene()
    const plan = await stage.syncline.postSync.plan(staff)
    let asked = 0
    const racing = stage.another({
      users: {
        ...stage.users,
        async findByKeys(lookup) {
          asked += 1
          // The check before it is applied asks first; then somebody takes the e-mail of cleo.
          if (asked === 2) stage.users.put(localUser('cleo'))
          return stage.users.findByKeys(lookup)
        },
      },
    })
    const run = await racing.postSync.apply(plan)
    expect(asked).toBeGreaterThan(1)
    expect(run).toMatchObject({ status: 'error', error: { code: 'PLAN_OUTDATED' } })
    expect(stage.statuses()).toContain('user-ann active')
    expect(await stage.journal()).toEqual([])
  })
})
