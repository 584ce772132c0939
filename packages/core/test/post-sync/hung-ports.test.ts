import { memoryUserDirectory } from '@syncline/core/memory'
import { recordingSink } from '@syncline/testing'
import { describe, expect, test } from 'vitest'
import { localUsers, otherStaff, people, person, setPeopleStage, staff } from './people-stage.ts'

const never = (): Promise<never> => new Promise(() => undefined)

/** Lets everything go on that can go on without time passing. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a port of the host that never returns', () => {
  test.each(['findByKeys', 'get'] as const)(
    'fails the post-sync after limits.portCallMs: %s',
    async (method) => {
      const users = { ...memoryUserDirectory({ users: localUsers('ann') }) }
      const stage = await setPeopleStage({ manual: true, options: { users, limits: { portCallMs: 5_000 } } })
      await stage.sync(person('ann'))
      await stage.syncline.postSync.run(staff)
      const { store, clock } = stage
      const hung = stage.another({ users: { ...users, [method]: never } })
      await stage.syncline.resources.upsert(staff, person('ann', { email: 'new@acme.example' }))
      const run = hung.postSync.run(staff)
      for (let turn = 0; turn < 50 && clock.timers < 2; turn++) await settle()
      await clock.advance(5_000)
      expect(await run).toMatchObject({
        status: 'error',
        error: {
          code: 'USER_DIRECTORY_FAILED',
          message: expect.stringContaining(`${method} did not return within 5000 ms`),
        },
      })
      expect(clock.timers).toBe(0)
      expect(await store.people?.due({ resourceTypes: ['user'], limit: 10 })).toEqual([])
    },
  )

  test('holds up no other scope', async () => {
    const sink = recordingSink()
    const users = memoryUserDirectory({ users: localUsers('ann') })
    const stage = await setPeopleStage({ manual: true })
    await stage.sync(...people('hung'))
    await stage.syncline.resources.upsert(otherStaff, person('ann'))
    const started = stage.another({
      automaticPostSync: true,
      onEvent: sink.onEvent,
      users: {
        ...users,
        findByKeys: (lookup) =>
          lookup.keys.some(({ value }) => value.startsWith('hung')) ? never() : users.findByKeys(lookup),
      },
    })
    const finished = sink.next('post_sync.finished')
    await started.start()
    expect(await finished).toMatchObject({ ...otherStaff, status: 'success' })
    // Nor what becomes due while it hangs.
    await stage.syncline.resources.upsert(otherStaff, person('bob'))
    const again = sink.next('post_sync.finished')
    for (let turn = 0; turn < 50; turn++) await settle()
    await stage.clock.advance(15_000)
    expect(await again).toMatchObject({ ...otherStaff, status: 'success' })
    expect(
      sink.of('post_sync.started').filter(({ connectorId }) => connectorId === staff.connectorId),
    ).toHaveLength(1)
    await stage.clock.advance(300_000)
    expect(sink.of('post_sync.failed')).toMatchObject([
      { ...staff, error: { code: 'USER_DIRECTORY_FAILED' } },
    ])
    await started.stop()
  })

  test('leaves a workflow job that was not taken over in time to be offered again', async () => {
    const called = Promise.withResolvers<void>()
    let calls = 0
    const trigger = (): Promise<void> => {
      calls += 1
      called.resolve()
      return calls === 1 ? never() : Promise.resolve()
    }
    const settings = { postSyncWorkflowId: 'onboarding', syncTriggerMode: 'summary' } as const
    const stage = await setPeopleStage({ settings, manual: true, options: { workflows: { trigger } } })
    await stage.sync(person('ann'))
    const run = stage.syncline.postSync.run(staff)
    await called.promise
    await stage.clock.advance(300_000)
    expect((await run).status).toBe('success')
    expect(await stage.syncline.postSync.deliver()).toBe(1)
  })
})
