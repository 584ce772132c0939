import type { Logger, SynclineOptions } from '@syncline/core'
import { memoryUserDirectory } from '@syncline/core/memory'
import { type RecordingSink, recordingSink } from '@syncline/testing'
import { describe, expect, test } from 'vitest'
import {
  localUser,
  localUsers,
  people,
  person,
  type Settings,
  setPeopleStage,
  staff,
} from './people-stage.ts'

const about = { ...staff, tenantId: 'default' }

/** A stage that keeps events and log lines of post-sync. */
async function setStage(settings: Settings = {}, options: Partial<SynclineOptions> = {}) {
  const sink: RecordingSink = recordingSink()
  const lines: string[] = []
  const log =
    (level: string): Logger['info'] =>
    (_, message) =>
      void (message?.includes('post-sync') || message?.includes('links')
        ? lines.push(`${level}: ${message}`)
        : 0)
  const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
  const stage = await setPeopleStage({
    users: localUsers(...Array.from({ length: 20 }, (_, place) => `p${place}`)),
    settings,
    options: { onEvent: sink.onEvent, logger, ...options },
  })
  const kinds = () =>
    sink.events
      .map(({ kind }) => kind)
      .filter((kind) => kind.startsWith('post_sync') || kind.startsWith('match'))
  return { ...stage, sink, lines, kinds }
}

const staffOf = (count: number) => people(...Array.from({ length: count }, (_, place) => `p${place}`))

describe('a post-sync is announced', () => {
  test('with its counters when it succeeds', async () => {
    const stage = await setStage()
    await stage.sync(...staffOf(2))
    expect(stage.kinds()).toEqual(['post_sync.started', 'post_sync.finished'])
    const [run] = await stage.syncline.postSync.runs(staff)
    expect(stage.sink.of('post_sync.started')).toMatchObject([{ ...about, runId: run?.runId, attempt: 1 }])
    expect(stage.sink.of('post_sync.finished')).toMatchObject([
      { ...about, runId: run?.runId, status: 'success', stats: run?.stats },
    ])
    expect(stage.lines).toEqual(['debug: post-sync started', 'info: post-sync finished'])
    expect((await stage.syncline.status(staff)).postSync).toMatchObject({
      runId: run?.runId,
      status: 'success',
      linksLost: 0,
      awaitsOperator: [],
    })
  })

  test('with the guard when deactivations wait for approval', async () => {
    const guard = { minUsers: 1, percent: 10 }
    const stage = await setStage({ deactivateUsers: true, deactivationGuard: guard, removalGuard: null })
    await stage.sync(...staffOf(20))
    stage.lines.length = 0
    const run = await stage.sync(...staffOf(10))
    expect(run.status).toBe('success')
    const [guarded, ...more] = stage.sink.of('post_sync.guarded')
    expect([guarded, more]).toMatchObject([
      { ...about, guard: { candidates: 10, linked: 20, tripped: true } },
      [],
    ])
    expect(stage.sink.of('post_sync.finished').at(-1)).toMatchObject({
      status: 'guarded',
      error: { code: 'DEACTIVATION_GUARDED' },
    })
    expect(stage.lines).toContain('warn: post-sync guarded: deactivations wait for approval')
    expect((await stage.syncline.status(staff)).postSync).toMatchObject({
      status: 'guarded',
      guard: { tripped: true },
      error: { code: 'DEACTIVATION_GUARDED' },
      awaitsOperator: ['approve_deactivations'],
    })
  })

  test('with the error when the user directory fails, and the sync is a success', async () => {
    const failing = async () => {
      throw new Error('directory is away')
    }
    const stage = await setStage({}, { users: { ...memoryUserDirectory(), findByKeys: failing } })
    expect((await stage.sync(...staffOf(1))).status).toBe('success')
    const [{ runId, retryAt } = {}] = await stage.syncline.postSync.runs(staff)
    expect(stage.sink.of('post_sync.failed')).toMatchObject([
      { ...about, runId, retryAt, attempt: 1, error: { code: 'USER_DIRECTORY_FAILED' } },
    ])
    expect(stage.lines).toContain('warn: post-sync ended with an error')
    expect((await stage.syncline.status(staff)).postSync).toMatchObject({
      status: 'error',
      retryAt,
      error: { code: 'USER_DIRECTORY_FAILED' },
      awaitsOperator: [],
    })
  })

  test('as failed when its end cannot be stored', async () => {
    const stage = await setStage()
    const { people: kept } = stage.store
    if (!kept) throw new Error('the store keeps people')
    const away = async () => {
      throw new Error('store is away')
    }
    const other = stage.another({
      store: { ...stage.store, people: { ...kept, finish: away } },
      onEvent: stage.sink.onEvent,
    })
    await expect(other.postSync.run(staff)).rejects.toThrow('store is away')
    expect(stage.sink.of('post_sync.failed')).toMatchObject([{ ...about, error: { code: 'INTERNAL' } }])
  })

  test('not while it is only planned', async () => {
    const stage = await setStage({}, { automaticPostSync: false })
    await stage.sync(...staffOf(2))
    await stage.syncline.postSync.plan(staff)
    expect(stage.kinds()).toEqual([])
    expect((await stage.syncline.status(staff)).postSync).toBeUndefined()
  })
})

describe('a link that post-sync ends is announced', () => {
  test('when the address changes upstream: with an event, a log line and a place in status', async () => {
    const stage = await setStage()
    await stage.sync(person('p1'))
    await stage.sync(person('p1', { email: 'married@acme.example' }))
    expect(stage.sink.of('match.link_lost')).toMatchObject([
      { ...about, externalId: 'p1', userId: 'user-p1', matchStatus: 'unmatched' },
    ])
    expect(stage.lines).toContain('warn: links between resources and users lost')
    expect((await stage.syncline.status(staff)).postSync).toMatchObject({
      status: 'success',
      linksLost: 1,
      awaitsOperator: ['resolve_links'],
    })
  })

  test('once, and status shows it until an operator has resolved it', async () => {
    const stage = await setStage()
    await stage.sync(person('p1'))
    await stage.sync(person('p1', { email: 'married@acme.example' }))
    await stage.syncline.postSync.run(staff)
    expect(stage.sink.of('match.link_lost')).toHaveLength(1)
    expect((await stage.syncline.status(staff)).postSync?.linksLost).toBe(1)
    const { connectorId, matchId } = await stage.row('p1')
    const resolution = { action: 'link', userId: 'user-p1', resolvedBy: 'operator' } as const
    await stage.syncline.matches.resolve({ connectorId, matchId, ...resolution })
    await stage.syncline.postSync.run(staff)
    expect((await stage.syncline.status(staff)).postSync).toMatchObject({ linksLost: 0, awaitsOperator: [] })
  })

  test('when it moves to another user', async () => {
    const stage = await setStage()
    await stage.sync(person('p1'))
    await stage.sync(person('p1', { email: 'p2@acme.example' }))
    expect(stage.sink.of('match.link_lost')).toMatchObject([
      { externalId: 'p1', userId: 'user-p1', matchStatus: 'matched', newUserId: 'user-p2' },
    ])
  })

  test('when several users have the address', async () => {
    const stage = await setStage()
    await stage.sync(person('p1'))
    const twin = localUser('p1', { userId: 'twin' })
    const users = {
      ...stage.users,
      findByKeys: async () => [localUser('p1'), twin].map((user) => ({ key: 0, user })),
    }
    await stage.another({ users, onEvent: stage.sink.onEvent }).postSync.run(staff)
    expect(stage.sink.of('match.link_lost')).toMatchObject([{ externalId: 'p1', matchStatus: 'ambiguous' }])
  })
})
