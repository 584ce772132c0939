import type { UpstreamRecord } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import { people, person, setStage, users } from './stage.ts'

/** A listing of that many pages, each as the function makes it; every cursor is new. */
const pagesBy = (count: number, page: (index: number) => readonly UpstreamRecord[]) =>
  Array.from({ length: count }, (_, index) => page(index))

const guardOff = { removalGuard: null }
const known = people(6)
const clamped = (index: number) => known.slice(Math.min(index, 2) * 2, Math.min(index, 2) * 2 + 2)

describe('a listing whose cursors are ever new and whose pages are not', () => {
  test.each([
    ['the last page comes again and again', clamped],
    ['the page is ignored', () => known],
    ['two pages take turns', (index: number) => people(3, (index % 2) * 3)],
    ['the whole listing comes again', (index: number) => people(2, (index % 4) * 2)],
    ['empty pages come between', (index: number) => (index % 2 === 1 ? [] : known)],
    [
      'no record has a readable id',
      () => [
        { ...person(1), externalId: '' },
        { ...person(2), externalId: '' },
      ],
    ],
  ])('ends with PAGES_REPEATED and marks nothing stale: %s', async (_, page) => {
    const stage = await setStage([people(10)], { config: guardOff })
    await stage.syncline.sync(users)
    const before = stage.connector.requests.length
    stage.connector.script('user', pagesBy(200, page))
    const run = await stage.syncline.sync(users)
    expect(run).toMatchObject({ status: 'error', resumable: false, error: { code: 'PAGES_REPEATED' } })
    expect(run.error?.message).toContain('limits.maxRepeatedPages')
    expect(run.stats.staled).toBe(0)
    expect(stage.connector.requests.length - before).toBeLessThan(30)
  })

  test('finds a filtered listing that repeats itself', async () => {
    const config = { filterRules: { emailDomains: ['other.example'] } }
    const stage = await setStage(pagesBy(200, clamped), { config })
    expect((await stage.syncline.sync(users)).error?.code).toBe('PAGES_REPEATED')
  })

  test('begins a new listing with the next run', async () => {
    const stage = await setStage(pagesBy(200, clamped))
    await stage.syncline.sync(users)
    stage.connector.script('user', [known])
    expect(await stage.syncline.sync(users)).toMatchObject({ status: 'success', generation: 2 })
  })
})

describe('an honest listing that repeats some of itself', () => {
  test.each([
    ['pages overlap by one record', 30, (index: number) => people(3, index * 2), 61],
    ['ten pages in a row are the same', 11, () => known, 6],
    ['every second page came before', 60, (index: number) => (index % 2 ? known : people(2, index * 10)), 64],
    ['records change from page to page', 60, (index: number) => [person(1, { displayName: `${index}` })], 1],
    [
      'records without a readable id differ',
      60,
      (index: number) => [person(1, { externalId: '', displayName: `${index}` })],
      0,
    ],
  ])('succeeds: %s', async (...[, count, page, added]) => {
    const stage = await setStage(pagesBy(count, page))
    expect(await stage.syncline.sync(users)).toMatchObject({ status: 'success', stats: { added } })
  })

  test('succeeds with more repeated pages where limits.maxRepeatedPages allows them', async () => {
    const stage = await setStage(
      pagesBy(41, () => known),
      { limits: { maxRepeatedPages: 40 } },
    )
    expect((await stage.syncline.sync(users)).status).toBe('success')
  })
})

describe('a listing that is cut at a limit again and again', () => {
  test('is announced as failing after the third run', async () => {
    let serial = 0
    const stage = await setStage(() => pagesBy(50, () => [person(serial++)]), {
      limits: { maxPages: 2, maxStaggerMs: 0 },
      config: { enabled: true, cronSchedule: '0 * * * *' },
    })
    for (const failing of [0, 0, 1]) {
      expect((await stage.syncline.sync(users)).status).toBe('partial')
      expect(stage.sink.of('sync.failing')).toHaveLength(failing)
    }
    expect(stage.sink.of('sync.failing')).toMatchObject([
      { failures: 3, error: { code: 'RUN_LIMIT_REACHED' } },
    ])
  })
})
