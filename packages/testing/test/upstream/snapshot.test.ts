import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSyncError } from '@syncline/core'
import { createDirectory, readSnapshot, replaySnapshot } from '@syncline/testing/upstream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'snapshot-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const team = { slug: 'release', parent: null, description: 'Ships', privacy: 'closed', maintainers: ['ada'] }
const first = {
  org: 'acme',
  at: '2026-01-01T00:00:00Z',
  commit: 'c1',
  users: [
    { login: 'Ada', role: 'admin' },
    { login: 'bo', role: 'member' },
    { login: 'cy', role: 'member' },
  ],
  teams: [
    { ...team, members: ['bo'] },
    { slug: 'notes', parent: 'release', description: null, privacy: null, maintainers: [], members: ['Ada'] },
  ],
}

describe('a snapshot', () => {
  test('becomes users with their teams and groups with their members, logins compared without case', async () => {
    const snapshot = await readSnapshot(await file('first.json', first))
    expect(snapshot).toEqual({
      org: 'acme',
      at: new Date('2026-01-01T00:00:00Z'),
      users: [
        { id: 'Ada', name: 'Ada', role: 'admin', groups: ['notes', 'release'] },
        { id: 'bo', name: 'bo', role: 'member', groups: ['release'] },
        { id: 'cy', name: 'cy', role: 'member', groups: [] },
      ],
      groups: [
        {
          ...team,
          id: 'release',
          name: 'release',
          maintainers: ['Ada'],
          members: ['Ada', 'bo'],
          slug: undefined,
        },
        {
          id: 'notes',
          name: 'notes',
          parent: 'release',
          description: null,
          privacy: null,
          maintainers: [],
          members: ['Ada'],
        },
      ],
    })
  })

  test('replayed after another one moves updatedAt only of what changed', async () => {
    let now = Date.UTC(2026, 0, 1)
    const directory = createDirectory({ now: () => new Date(now) })
    replaySnapshot(directory, await readSnapshot(await file('first.json', first)))
    now += 60_000
    const second = { ...first, users: first.users.slice(0, 2), teams: [{ ...team, members: [] }] }
    const counts = replaySnapshot(directory, await readSnapshot(await file('second.json', second)))
    expect(counts).toEqual({
      users: { added: 0, updated: 2, unchanged: 0, removed: 1 },
      groups: { added: 0, updated: 1, unchanged: 0, removed: 1 },
    })
    const again = replaySnapshot(directory, await readSnapshot(await file('second.json', second)))
    expect(again.users).toEqual({ added: 0, updated: 0, unchanged: 2, removed: 0 })
    const since = new Date(now).toISOString()
    expect(directory.page({ type: 'user', after: 0, limit: 9, modifiedSince: since }).total).toBe(2)
  })

  const broken: readonly (readonly [string, unknown, RegExp])[] = [
    ['text', 'not json', /text\.json is no snapshot/],
    ['shape', { ...first, users: [{ login: 7, role: 'member' }] }, /users\[0\]\.login/],
    ['role', { ...first, users: [{ login: 'x', role: 'owner' }] }, /users\[0\]\.role/],
    ['teams', { ...first, teams: undefined }, /teams/],
  ]
  test.each(broken)(
    'with a broken %s is refused by its path and the place',
    async (name, content, message) => {
      const path = await file(`${name}.json`, content)
      await expect(readSnapshot(path)).rejects.toSatisfy((error) => isSyncError(error, 'OPTIONS_INVALID'))
      await expect(readSnapshot(path)).rejects.toThrow(message)
    },
  )

  test('that is missing is refused by its path', async () => {
    await expect(readSnapshot(join(folder, 'none.json'))).rejects.toThrow(/none\.json cannot be read/)
  })
})
