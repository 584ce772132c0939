import { createDirectory, type Directory, startUpstream, type Upstream } from '@syncline/testing/upstream'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { get, getPage, idsOf, readListing } from './reading.ts'

const noon = Date.UTC(2026, 0, 1, 12)
const running: Upstream[] = []

async function start(directory: Directory, pageSizeLimit?: number): Promise<Upstream> {
  const upstream = await startUpstream({ directory, pageSizeLimit })
  running.push(upstream)
  return upstream
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((upstream) => upstream.close()))
})

function directoryOf(count: number): Directory {
  const directory = createDirectory({ now: () => new Date(noon) })
  for (let index = 0; index < count; index++) {
    directory.put('user', { id: `u${index}`, name: `User ${index}`, mail: `u${index}@a.example` })
  }
  return directory
}

describe('a listing', () => {
  test.each([0, 1, 9, 10, 11, 100])('of %i entries covers exactly the set, in order', async (count) => {
    const upstream = await start(directoryOf(count))
    const pages = await readListing(upstream, '/users', { query: { limit: '10' } })
    expect(idsOf(pages)).toEqual(Array.from({ length: count }, (_, index) => `u${index}`))
    expect(pages).toHaveLength(Math.max(1, Math.ceil(count / 10)))
    expect(pages.every(({ total }) => total === count)).toBe(true)
  })

  test('serves every field, updatedAt and asOf', async () => {
    const directory = createDirectory({ now: () => new Date(noon) })
    directory.put('user', {
      id: 'u',
      name: 'İpek',
      mail: null,
      nested: { deep: [1, 'é'] },
      updatedAt: 'mine',
    })
    const upstream = await start(directory)
    expect(await getPage(upstream, '/users')).toEqual({
      items: [
        {
          id: 'u',
          name: 'İpek',
          mail: null,
          nested: { deep: [1, 'é'] },
          updatedAt: '2026-01-01T12:00:00.000Z',
        },
      ],
      total: 1,
      asOf: '2026-01-01T12:00:00.000Z',
    })
  })

  test('never has more entries on a page than the server allows', async () => {
    const upstream = await start(directoryOf(12), 5)
    const pages = await readListing(upstream, '/users', { query: { limit: '1000' } })
    expect(pages.map(({ items }) => items.length)).toEqual([5, 5, 2])
  })

  test('that changes while it is read never skips or repeats an entry that stays', async () => {
    const change = fc.record({ kind: fc.constantFrom('put', 'touch', 'remove'), id: fc.nat(39) })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(change, { maxLength: 8 }), { maxLength: 12 }), async (batches) => {
        const directory = directoryOf(40)
        const upstream = await startUpstream({ directory })
        try {
          const disturbed = new Set<string>()
          const stop = directory.onRequest(({ number }) => {
            for (const { kind, id } of batches[number - 1] ?? []) {
              if (kind === 'remove') {
                directory.remove('user', `u${id}`)
                disturbed.add(`u${id}`)
              } else if (kind === 'put') directory.put('user', { id: `new${id}`, name: 'new' })
              else if (directory.get('user', `u${id}`))
                directory.put('user', { id: `u${id}`, name: 'touched' })
            }
          })
          const seen = idsOf(await readListing(upstream, '/users', { query: { limit: '7' } }))
          stop()
          const staying = directoryOf(40)
            .entries('user')
            .filter(({ id }) => !disturbed.has(id))
          expect(staying.filter(({ id }) => seen.filter((each) => each === id).length !== 1)).toEqual([])
        } finally {
          await upstream.close()
        }
      }),
      { numRuns: 25 },
    )
  })

  test('shows an entry that went and came back at its end', async () => {
    const directory = directoryOf(4)
    const upstream = await start(directory)
    const pages = await readListing(upstream, '/users', {
      query: { limit: '2' },
      between: () => {
        directory.remove('user', 'u0')
        directory.put('user', { id: 'u0', name: 'back' })
      },
    })
    expect(idsOf(pages)).toEqual(['u0', 'u1', 'u2', 'u3', 'u0'])
  })

  test('with modifiedSince holds what changed at that very instant or later', async () => {
    let now = noon
    const directory = createDirectory({ now: () => new Date(now) })
    for (const offset of [0, 1, 2]) {
      now = noon + offset
      directory.put('user', { id: `at${offset}`, name: 'n' })
    }
    const upstream = await start(directory)
    const since = (ms: number) => ({
      query: { limit: '1', modifiedSince: new Date(noon + ms).toISOString() },
    })
    expect(idsOf(await readListing(upstream, '/users', since(0)))).toEqual(['at0', 'at1', 'at2'])
    const pages = await readListing(upstream, '/users', since(1))
    expect(idsOf(pages)).toEqual(['at1', 'at2'])
    expect(pages[0]?.total).toBe(2)
    expect(idsOf(await readListing(upstream, '/users', since(3)))).toEqual([])
  })

  test('of another type has its own path', async () => {
    const directory = createDirectory({ types: ['device'] })
    directory.put('device', { id: 'd1', name: 'Printer' })
    directory.put('badge', { id: 'b1', name: 'Door' })
    const upstream = await start(directory)
    expect(idsOf(await readListing(upstream, '/devices'))).toEqual(['d1'])
    expect(idsOf(await readListing(upstream, '/badges'))).toEqual(['b1'])
    expect((await get(upstream, '/users')).status).toBe(404)
  })
})

describe('a request', () => {
  const refused: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['limit_invalid', { limit: '0' }],
    ['limit_invalid', { limit: '-1' }],
    ['limit_invalid', { limit: '1.5' }],
    ['limit_invalid', { limit: '' }],
    ['cursor_invalid', { cursor: 'nonsense' }],
    ['cursor_invalid', { cursor: Buffer.from('["group",2,1]').toString('base64url') }],
    ['modified_since_invalid', { modifiedSince: 'yesterday' }],
  ]
  test.each(refused)('is refused with %s for %j', async (error, query) => {
    const upstream = await start(directoryOf(3))
    const response = await get(upstream, '/users', query)
    expect([response.status, await response.json()]).toEqual([400, { error }])
  })

  test.each([{}, { authorization: 'Bearer wrong' }])(
    'is refused without the right token: %j',
    async (headers) => {
      const upstream = await start(directoryOf(1))
      expect((await fetch(`${upstream.url}/users`, { headers })).status).toBe(401)
    },
  )

  test('is logged with its page, its cursor and its answer', async () => {
    const upstream = await start(directoryOf(3))
    const [first] = await readListing(upstream, '/users', { query: { limit: '2' } })
    await get(upstream, '/nowhere')
    expect(upstream.requests).toMatchObject([
      { number: 1, method: 'GET', path: '/users', type: 'user', page: 1, status: 200, at: new Date(noon) },
      { number: 2, path: '/users', page: 2, cursor: first?.next, status: 200 },
      { number: 3, path: '/nowhere', status: 404 },
    ])
    expect(upstream.requests[0]?.cursor).toBeUndefined()
  })
})
