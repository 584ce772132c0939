import { isDeepStrictEqual } from 'node:util'
import { createDirectory, type DirectoryEntry } from '@syncline/testing/upstream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

function clockedDirectory() {
  let now = Date.UTC(2026, 0, 1)
  const directory = createDirectory({ now: () => new Date(now) })
  return { directory, tick: () => new Date((now += 1_000)).toISOString() }
}

const entries = (): fc.Arbitrary<DirectoryEntry[]> =>
  fc.uniqueArray(
    fc.record({
      id: fc.nat(20).map((n) => `e${n}`),
      name: fc.constantFrom('a', 'b'),
      groups: fc.constantFrom<string[][]>([], ['x']),
    }),
    { selector: ({ id }) => id },
  )

describe('replaceAll', () => {
  test('leaves exactly the given entries and moves updatedAt only where the content differs', () => {
    fc.assert(
      fc.property(fc.array(entries(), { minLength: 1, maxLength: 6 }), (snapshots) => {
        const { directory, tick } = clockedDirectory()
        for (const snapshot of snapshots) {
          const before = new Map(directory.entries('user').map((entry) => [entry.id, entry]))
          const now = tick()
          const counts = directory.replaceAll('user', snapshot)
          const listed = new Map(directory.entries('user').map((entry) => [entry.id, entry]))
          expect(listed.size).toBe(snapshot.length)
          for (const entry of snapshot) {
            const old = before.get(entry.id)
            const same =
              old !== undefined && old.name === entry.name && isDeepStrictEqual(old.groups, entry.groups)
            expect(listed.get(entry.id)).toEqual({ ...entry, updatedAt: same ? old.updatedAt : now })
          }
          const kept = snapshot.filter(({ id }) => before.has(id)).length
          expect(counts.added).toBe(snapshot.length - kept)
          expect(counts.removed).toBe(before.size - kept)
          expect(counts.updated + counts.unchanged).toBe(kept)
        }
      }),
    )
  })

  test('takes the order of keys for no change', () => {
    const { directory, tick } = clockedDirectory()
    directory.replaceAll('user', [{ id: 'u', name: 'n', role: 'r' }])
    tick()
    expect(directory.replaceAll('user', [{ role: 'r', id: 'u', name: 'n' }]).unchanged).toBe(1)
  })
})

describe('a directory', () => {
  test('keeps its order when thousands of entries went', () => {
    const { directory } = clockedDirectory()
    for (let index = 0; index < 5_000; index++) directory.put('user', { id: `u${index}`, name: 'n' })
    for (let index = 0; index < 5_000; index++) if (index % 50 !== 0) directory.remove('user', `u${index}`)
    const page = directory.page({ type: 'user', after: 0, limit: 40 })
    const rest = directory.page({ type: 'user', after: page.last, limit: 1_000 })
    expect(page.total).toBe(100)
    expect([...page.entries, ...rest.entries].map(({ id }) => id)).toEqual(
      Array.from({ length: 100 }, (_, index) => `u${index * 50}`),
    )
  })

  test('tells its hooks of a request until they are taken off', () => {
    const { directory } = clockedDirectory()
    const heard: string[] = []
    const stop = directory.onRequest(({ path }) => heard.push(path))
    const request = { number: 1, method: 'GET', path: '/users', page: 1, at: directory.now() }
    directory.announce(request)
    stop()
    directory.announce(request)
    expect(heard).toEqual(['/users'])
  })

  test('says whether there was something to remove', () => {
    const { directory } = clockedDirectory()
    directory.put('user', { id: 'u', name: 'n' })
    expect([
      directory.remove('user', 'u'),
      directory.remove('user', 'u'),
      directory.remove('x', 'u'),
    ]).toEqual([true, false, false])
  })
})
