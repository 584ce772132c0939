import {
  createSyncline,
  type ProfileStore,
  type Store,
  type Syncline,
  type UserDirectory,
} from '@syncline/core'
import { type ChaosPlan, type ChaosReport, chaosPort } from '@syncline/testing'
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
import { outcomeOf } from './people-world.ts'

const settings = {
  createUsers: true,
  deactivateUsers: true,
  createUserDefaults: { location: 'Remote' },
  attributeMappings: [
    { sourcePath: 'attributes.title', targetField: 'title', writeMode: 'overwrite_always', enabled: true },
  ],
  postSyncWorkflowId: 'onboarding',
  syncTriggerMode: 'per_record',
} as const

/** Somebody to match, to make, to deactivate, to reactivate, to map, in more than one slice each. */
async function setScene(): Promise<PeopleStage> {
  const stage = await setPeopleStage({
    manual: true,
    settings,
    users: localUsers('a1', 'a2', 'back1', 'left1', 'left2', 'left3'),
    options: { limits: { postSyncBatch: 2 } },
  })
  await stage.sync(...people('back1', 'left1', 'left2', 'left3'))
  await stage.syncline.postSync.run(staff)
  await stage.clock.advance(1_000)
  await stage.sync(...people('left1', 'left2', 'left3'))
  await stage.syncline.postSync.run(staff)
  await stage.syncline.postSync.deliver()
  await stage.clock.advance(1_000)
  const titled = ['a1', 'a2', 'new1', 'new2', 'new3'].map((id) => person(id, { attributes: { title: id } }))
  await stage.sync(...titled, person('back1'))
  return stage
}

type Methods = Record<string, (...given: never[]) => Promise<unknown>>

/** Another process whose calls of the people store, the directory and the profiles are cut off as planned. */
function mortalProcess(stage: PeopleStage, plan: ChaosPlan): ChaosReport & { readonly syncline: Syncline } {
  const parts = { people: stage.store.people, users: stage.users, profiles: stage.profiles }
  const flat: Methods = {}
  for (const [part, port] of Object.entries(parts)) {
    for (const [name, method] of Object.entries(port ?? {}))
      flat[`${part}.${name}`] = method as Methods[string]
  }
  const chaos = chaosPort(flat, plan)
  const partOf = (part: string): Methods => {
    const names = Object.keys(flat).filter((name) => name.startsWith(`${part}.`))
    return Object.fromEntries(
      names.flatMap((name) => (chaos.port[name] ? [[name.slice(part.length + 1), chaos.port[name]]] : [])),
    )
  }
  const store: Store = { ...stage.store, people: partOf('people') as unknown as Store['people'] }
  const syncline = createSyncline({
    store,
    connectorTypes: [],
    users: partOf('users') as unknown as UserDirectory,
    profiles: partOf('profiles') as unknown as ProfileStore,
    workflows: stage.workflows,
    clock: stage.clock,
    random: () => 1,
    limits: { postSyncBatch: 2 },
  })
  return {
    syncline,
    trace: chaos.trace,
    get fired() {
      return chaos.fired
    },
  }
}

/** Changed resources of all jobs, and how many jobs name each change. */
const recordsOf = ({ workflows }: PeopleStage): string[] =>
  workflows.jobs
    .flatMap(({ payload }) => payload.records ?? [])
    .map(({ externalId, change }) => `${externalId} ${change}`)
    .toSorted()

describe('a process that dies', () => {
  test('in or between any two calls of a post-sync: the next one comes to what an undisturbed one does', async () => {
    const undisturbed = await setScene()
    const whole = mortalProcess(undisturbed, { call: Number.MAX_SAFE_INTEGER, when: 'before', kind: 'cut' })
    await whole.syncline.postSync.run(staff)
    const expected = await outcomeOf(undisturbed)
    const calls = whole.trace.length
    expect(calls).toBeGreaterThan(40)
    expect(expected).toMatchObject({
      users: expect.arrayContaining([expect.objectContaining({ userId: 'made-3', status: 'unconfirmed' })]),
    })
    for (let call = 1; call <= calls; call++) {
      for (const when of ['before', 'after'] as const) {
        const stage = await setScene()
        const mortal = mortalProcess(stage, { call, when, kind: 'cut' })
        // What was done last may be the delivery of jobs, which a post-sync survives.
        await mortal.syncline.postSync.run(staff).catch(() => undefined)
        expect({ call, when, fired: mortal.fired }).toEqual({ call, when, fired: true })
        await stage.clock.advance(61_000)
        const next = stage.another()
        expect((await next.postSync.run(staff)).status).toBe('success')
        await next.postSync.deliver()
        const at = `${when} call ${call}, ${mortal.trace[call - 1]}`
        expect({ at, outcome: await outcomeOf(stage) }).toEqual({ at, outcome: expected })
        expect({ at, records: recordsOf(stage) }).toEqual({ at, records: recordsOf(undisturbed) })
      }
    }
  })

  test('a call that fails once, anywhere: the post-sync is recorded as failed, and the next one goes on', async () => {
    const undisturbed = await setScene()
    const whole = mortalProcess(undisturbed, { call: Number.MAX_SAFE_INTEGER, when: 'before', kind: 'fail' })
    await whole.syncline.postSync.run(staff)
    const expected = await outcomeOf(undisturbed)
    for (let call = 1; call <= whole.trace.length; call++) {
      const stage = await setScene()
      const when = call % 2 === 0 ? 'before' : 'after'
      const failing = mortalProcess(stage, { call, when, kind: 'fail' })
      await failing.syncline.postSync.run(staff).catch(() => undefined)
      expect(failing.fired).toBe(true)
      await stage.clock.advance(61_000)
      await stage.another().postSync.run(staff)
      const at = `${when} call ${call}, ${failing.trace[call - 1]}`
      expect({ at, outcome: await outcomeOf(stage) }).toEqual({ at, outcome: expected })
    }
  })

  test('between intent and directory: a user whom the host deactivates meanwhile is not taken for its work', async () => {
    for (const [when, journal, status] of [
      ['before', ['deactivate abandoned left'], 'user-left deactivated'],
      ['after', ['deactivate done left', 'reactivate done left'], 'user-left active'],
    ] as const) {
      const stage = await setPeopleStage({
        manual: true,
        settings: { deactivateUsers: true },
        users: localUsers('left'),
      })
      await stage.sync(...people('left'))
      await stage.syncline.postSync.run(staff)
      await stage.sync()
      const mortal = mortalProcess(stage, { method: 'users.changeStatus', call: 1, when, kind: 'cut' })
      await mortal.syncline.postSync.run(staff).catch(() => undefined)
      expect(mortal.fired).toBe(true)
      if (when === 'before') stage.users.put(localUser('left', { status: 'deactivated' }))
      await stage.clock.advance(61_000)
      await stage.another().postSync.run(staff)
      await stage.sync(...people('left'))
      await stage.another().postSync.run(staff)
      expect({ when, journal: await stage.journal() }).toEqual({ when, journal })
      expect({ when, statuses: stage.statuses() }).toEqual({ when, statuses: [status] })
    }
  })

  test('while a plan is applied: applying it again carries out the rest', async () => {
    const undisturbed = await setScene()
    const plan = await undisturbed.syncline.postSync.plan(staff)
    const whole = mortalProcess(undisturbed, { call: Number.MAX_SAFE_INTEGER, when: 'before', kind: 'cut' })
    expect((await whole.syncline.postSync.apply(plan)).status).toBe('success')
    const expected = await outcomeOf(undisturbed)
    let refused = 0
    for (let call = 1; call <= whole.trace.length; call += 5) {
      const stage = await setScene()
      const own = await stage.syncline.postSync.plan(staff)
      const mortal = mortalProcess(stage, { call, when: 'after', kind: 'cut' })
      await mortal.syncline.postSync.apply(own).catch(() => undefined)
      await stage.clock.advance(61_000)
      const next = stage.another()
      const again = await next.postSync.apply(own).catch((error: unknown) => error)
      if (again instanceof Error) {
        // What a dead process had begun and not carried out was given up: a new plan has it.
        expect(again).toMatchObject({ code: 'PLAN_OUTDATED' })
        refused += 1
      }
      await next.postSync.apply(await next.postSync.plan(staff))
      const at = `after call ${call}, ${mortal.trace[call - 1]}`
      expect({ at, outcome: await outcomeOf(stage) }).toEqual({ at, outcome: expected })
    }
    expect(refused).toBeLessThan(whole.trace.length / 10)
  })
})
