import { createSyncline, type Syncline, type UpstreamRecord } from '@syncline/core'
import { memoryProfileStore, memoryUserDirectory } from '@syncline/core/memory'
import { scriptedConnector } from '@syncline/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import { matchTable, planSummary, planTable, postSyncAdvice } from '../src/post-sync-table.ts'

const people = { connectorId: 'acme', resourceType: 'user' }
const settings = { removalGuard: null, deactivateUsers: true } as const

const person = (name: string, title = 'Countess'): UpstreamRecord => ({
  externalId: name,
  displayName: `Name of ${name}`,
  email: `${name}@acme.example`,
  attributes: { title },
})

/** ada is matched, alan may be two users, barbara is nobody yet. */
let syncline: Syncline
let connector: ReturnType<typeof scriptedConnector>
beforeEach(async () => {
  connector = scriptedConnector({
    resourceTypes: { user: { pages: [['ada', 'alan', 'barbara'].map((name) => person(name))] } },
  })
  const users = memoryUserDirectory({
    users: [
      { userId: 'u-1', status: 'active', email: 'ada@acme.example' },
      { userId: 'u-2', status: 'active', email: 'alan@acme.example' },
      { userId: 'u-3', status: 'active', email: 'Alan@acme.example' },
    ],
  })
  syncline = createSyncline({ connectorTypes: [connector], users, profiles: memoryProfileStore() })
  await syncline.connectors.save({ connectorId: people.connectorId, type: connector.type })
  await syncline.configs.save({ ...people, ...settings })
  await syncline.sync(people)
})

const lines = (text: string): readonly string[] =>
  text.split('\n').map((line) => line.replace(/ {2,}/g, ' | '))

describe('what a person reads', () => {
  test('of matches: how each came about, and users to choose from one below the other', async () => {
    const { data } = await syncline.matches.list(people)
    const [head, ...rows] = lines(matchTable(data, { width: 120 }))
    expect(head).toBe('external id | person | status | user, match')
    expect(rows.slice(0, 2)).toEqual([
      'ada | Name of ada | matched | u-1',
      ` | ada@acme.example | exact by email | ${data[0]?.matchId}`,
    ])
    expect(rows.slice(2, 5)).toEqual([
      'alan | Name of alan | ambiguous | u-2',
      ' | alan@acme.example | by email | u-3',
      ` | ${data[1]?.matchId}`,
    ])
    expect(rows[5]).toBe('barbara | Name of barbara | unmatched | –')
  })

  test('of a plan: one line for each thing that would happen, and what it comes to', async () => {
    const long = 'x'.repeat(100)
    await syncline.configs.save({
      ...people,
      createUsers: true,
      userMatchStrategy: 'external_id',
      userMatchFallbackStrategies: ['email'],
      attributeMappings: [
        {
          sourcePath: 'attributes.title',
          targetField: 'title',
          writeMode: 'overwrite_always',
          enabled: true,
        },
      ],
    })
    await syncline.resources.upsert(people, person('ada', long))
    const plan = await syncline.postSync.plan(people)
    expect(lines(planTable(plan, { width: 200 }))).toEqual([
      'what | external id | e-mail | change | user',
      'match | ada | ada@acme.example | matched exact by email → matched probable by email | u-1',
      'match | alan | alan@acme.example | ambiguous by email, on other evidence | u-2',
      ' | u-3',
      'create | barbara | barbara@acme.example | Name of barbara | –',
      `profile | ada | – | title: – → "${'x'.repeat(38)}… | u-1`,
    ])
    expect(planSummary(plan)).toBe('2 matches · 1 creation · 1 profile')
  })

  test('of a plan that does nothing', async () => {
    const plan = await syncline.postSync.plan(people)
    expect([planTable(plan), planSummary(plan)]).toEqual(['', 'nothing to do'])
  })

  test('of deactivations that were kept back: who it is, and what to do', async () => {
    await syncline.configs.save({ ...people, deactivationGuard: { minUsers: 0, percent: 0 } })
    connector.script('user', [[person('barbara')]])
    await syncline.sync(people)
    const [run] = await syncline.postSync.runs({ ...people, limit: 1 })
    expect(run && postSyncAdvice(run)).toEqual([
      expect.stringMatching(/^user {2}DEACTIVATION_GUARDED: 1 of 1 linked users would be deactivated/),
      expect.stringContaining('syncline plan acme user --out plan.json'),
      expect.stringContaining('syncline apply plan.json --approved-by YOUR_NAME'),
    ])
    const plan = await syncline.postSync.plan(people)
    expect(lines(planTable(plan, { width: 200 }))[1]).toMatch(
      /^deactivate \| ada \| ada@acme.example \| Not listed upstream any more since /,
    )
    expect(planSummary(plan)).toBe(
      '1 deactivation; at most 0 may be deactivated unasked: apply needs --approved-by',
    )
  })
})
