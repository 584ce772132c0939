import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type PeopleStage, setPeopleStage, staff } from './people-stage.ts'
import { fillElsewhere, makeMove, move, outcomeOf, type World, world } from './people-world.ts'

type Perform = (stage: PeopleStage) => Promise<unknown>

const directly: Perform = ({ syncline }) => syncline.postSync.run(staff)

/** Plays a world and answers what came of it after every sync. */
async function play(one: World, perform: Perform, postSyncBatch = 1_000): Promise<unknown[]> {
  const { users, settings } = one
  const stage = await setPeopleStage({
    users,
    settings,
    manual: true,
    options: { limits: { postSyncBatch } },
  })
  await fillElsewhere(stage, one)
  const outcomes: unknown[] = []
  for (const [place, listing] of one.listings.entries()) {
    await stage.clock.advance(1_000)
    await stage.sync(...listing)
    await makeMove(stage, one.moves[place])
    await perform(stage)
    outcomes.push(await outcomeOf(stage))
  }
  return outcomes
}

async function changedUsers({ syncline }: PeopleStage): Promise<number> {
  const { created, createFailed, deactivated, reactivated } = (await syncline.postSync.run(staff)).stats
  return created + createFailed + deactivated + reactivated
}

const runs = { numRuns: 60 }

describe('whatever upstream and the host look like', () => {
  test('post-sync again changes nothing, once it changed no user', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (one) => {
        await play(one, async (stage) => {
          // Users that are made and deactivated are other users to match with.
          for (let round = 1; (await changedUsers(stage)) > 0; round++) expect(round).toBeLessThan(4)
          const before = await outcomeOf(stage)
          const { stats } = await stage.syncline.postSync.run(staff)
          const { changed, created, createFailed, deactivated, reactivated, profilesUpdated } = stats
          expect([changed, created, createFailed, deactivated, reactivated, profilesUpdated]).toEqual([
            0, 0, 0, 0, 0, 0,
          ])
          expect(await outcomeOf(stage)).toEqual(before)
        })
      }),
      runs,
    )
  })

  test('the size of a slice and the order of pages change no outcome', async () => {
    await fc.assert(
      fc.asyncProperty(world, fc.integer({ min: 1, max: 3 }), async (one, size) => {
        const reversed = { ...one, listings: one.listings.map((listing) => listing.toReversed()) }
        const expected = await play(one, directly)
        expect(await play(one, directly, size)).toEqual(expected)
        expect(await play(reversed, directly, size)).toEqual(expected)
      }),
      runs,
    )
  })

  test('a plan that is applied comes to the same as a direct run, and says before what happens', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (one) => {
        const byPlan: Perform = async (stage) => {
          const before = await outcomeOf(stage)
          const plan = JSON.parse(JSON.stringify(await stage.syncline.postSync.plan(staff)))
          expect(await outcomeOf(stage)).toEqual(before)
          const run = await stage.syncline.postSync.apply(plan)
          expect(run.error).toBeUndefined()
          const { created, createFailed, deactivated, reactivated, changed, profilesUpdated } = run.stats
          expect({
            creates: created + createFailed,
            deactivations: deactivated,
            reactivations: reactivated,
            matches: changed,
            profiles: profilesUpdated,
          }).toEqual({
            creates: plan.creates.length,
            deactivations: plan.deactivations.length,
            reactivations: plan.reactivations.length,
            matches: plan.matches.length,
            profiles: plan.profiles.length,
          })
        }
        expect(await play(one, byPlan, 2)).toEqual(await play(one, directly))
      }),
      runs,
    )
  })

  test('a plan that is applied after something changed comes to the same as a direct run, or is refused and nothing is written', async () => {
    await fc.assert(
      fc.asyncProperty(world, move, async (one, meanwhile) => {
        const expected = await play(one, async (stage) => {
          await makeMove(stage, meanwhile)
          await directly(stage)
        })
        let refused = false
        const outcomes = await play(one, async (stage) => {
          const plan = await stage.syncline.postSync.plan(staff)
          await makeMove(stage, meanwhile)
          const before = await outcomeOf(stage)
          const applied = await stage.syncline.postSync.apply(plan).catch((error: unknown) => error)
          if (!(applied instanceof Error)) return
          refused = true
          expect(applied).toMatchObject({ code: 'PLAN_OUTDATED' })
          expect(await outcomeOf(stage)).toEqual(before)
          await directly(stage)
        })
        expect(outcomes).toEqual(expected)
        if (meanwhile.kind === 'nothing') expect(refused, 'nothing changed').toBe(false)
      }),
      runs,
    )
  })

  test('nobody is deactivated whom a live resource or another connector leads to', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (one) => {
        await play(one, async (stage) => {
          await directly(stage)
          const { syncline, users, store } = stage
          const ids = users.all().map(({ userId }) => userId)
          const links = (await store.people?.links(ids, { tenantId: 'default' })) ?? []
          for (const action of await syncline.postSync.actions({ kind: 'deactivate', limit: 100 })) {
            const [last] = await syncline.postSync.actions({ userId: action.userId, limit: 1 })
            if (last?.actionId !== action.actionId) continue
            const user = links.filter(({ userId }) => userId === action.userId)
            expect(user.filter(({ connectorId }) => connectorId !== 'hr')).toEqual([])
            const live = user.filter((link) => link.live)
            // A newcomer who finds the user of a leaver leaves them as they are.
            for (const { externalId } of live) expect(externalId).not.toBe(action.externalId)
          }
        })
      }),
      runs,
    )
  })
})
