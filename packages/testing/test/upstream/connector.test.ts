import { isSyncError } from '@syncline/core'
import {
  createDirectory,
  type Directory,
  directoryConnector,
  directoryConnectorFor,
  startUpstream,
  type Upstream,
} from '@syncline/testing/upstream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { contextOf, list } from './reading.ts'

let now = Date.UTC(2026, 0, 1)
let directory: Directory
let upstream: Upstream

beforeEach(async () => {
  directory = createDirectory({ now: () => new Date(now) })
  upstream = await startUpstream({ directory })
})
afterEach(() => upstream.close())

const updatedAt = new Date(now).toISOString()
const code = (expected: string) => (error: unknown) => isSyncError(error) && error.code === expected

describe('a record', () => {
  test('of a user has id, name and mail as fields and everything else as attributes', async () => {
    const rest = { identityIssuer: 'https://id.example', groups: ['g1'], title: 'Analyst' }
    directory.put('user', { id: 'u1', name: 'Ada', mail: 'ada@a.example', ...rest })
    directory.put('user', { id: 'u2', name: 'Bo', mail: null })
    expect((await list(upstream, 'user')).resources).toEqual([
      { externalId: 'u1', displayName: 'Ada', email: 'ada@a.example', attributes: { ...rest, updatedAt } },
      { externalId: 'u2', displayName: 'Bo', email: null, attributes: { updatedAt } },
    ])
  })

  test('of a group has its parent as a reference', async () => {
    directory.put('group', { id: 'g1', name: 'All', description: 'd', members: ['u1'], parent: null })
    directory.put('group', { id: 'g2', name: 'Some', description: 'd', members: [], parent: 'g1' })
    const { resources } = await list(upstream, 'group')
    expect(resources).toMatchObject([
      { externalId: 'g1', displayName: 'All', attributes: { description: 'd', members: ['u1'] } },
      { externalId: 'g2', parent: { resourceType: 'group', externalId: 'g1' } },
    ])
    expect(resources[0]?.parent).toBeUndefined()
  })

  test('of a wrong shape is passed on with its page', async () => {
    directory.put('user', { id: 'u1', name: 7, mail: ['no'] })
    directory.put('user', { id: 'u2' })
    directory.put('user', { id: 'u3', name: 'Good' })
    const { resources } = await list(upstream, 'user')
    expect(resources).toMatchObject([
      { externalId: 'u1', displayName: 7, email: ['no'] },
      { externalId: 'u2', displayName: undefined },
      { externalId: 'u3', displayName: 'Good' },
    ])
  })
})

describe('a listing through the connector', () => {
  test('covers exactly the set and says how many there are', async () => {
    for (let index = 0; index < 25; index++) directory.put('user', { id: `u${index}`, name: 'n' })
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await list(upstream, 'user', cursor === undefined ? {} : { cursor })
      expect(page.totalEstimate).toBe(25)
      seen.push(...page.resources.map(({ externalId }) => externalId))
      cursor = page.nextCursor
    } while (cursor !== undefined)
    expect(seen).toEqual(directory.entries('user').map(({ id }) => id))
    expect(upstream.requests.map(({ page }) => page)).toEqual([1, 2, 3])
  })

  test('asks for changes since an instant, inclusive', async () => {
    directory.put('user', { id: 'old', name: 'n' })
    now += 60_000
    directory.put('user', { id: 'new', name: 'n' })
    const page = await list(upstream, 'user', { modifiedSince: new Date(now).toISOString() })
    expect(page.resources.map(({ externalId }) => externalId)).toEqual(['new'])
  })

  test('is refused with a wrong token', async () => {
    await expect(list(upstream, 'user', { config: { token: 'wrong' } })).rejects.toSatisfy(
      code('UNAUTHORIZED'),
    )
  })

  test('of an upstream that is gone is UPSTREAM_UNAVAILABLE', async () => {
    await upstream.close()
    await expect(list(upstream, 'user')).rejects.toSatisfy(code('UPSTREAM_UNAVAILABLE'))
  })

  test('ends with the reason of the signal as soon as it aborts', async () => {
    upstream.faults.add({ effect: { kind: 'slow_body', delayMs: 600_000 } })
    const controller = new AbortController()
    const reason = new Error('the run was cancelled')
    directory.onRequest(() => controller.abort(reason))
    await expect(list(upstream, 'user', { signal: controller.signal })).rejects.toBe(reason)
  })
})

describe('the connector type', () => {
  test('checks address and token', async () => {
    await directoryConnector.check?.(contextOf(upstream))
    const wrong = contextOf(upstream, { token: 'wrong' })
    await expect(directoryConnector.check?.(wrong)).rejects.toSatisfy(code('UNAUTHORIZED'))
  })

  test('lists any other type an upstream serves', async () => {
    directory.put('role', { id: 'r1', name: 'Owner' })
    const roles = directoryConnectorFor(['role'])
    const { signal } = new AbortController()
    const request = { command: 'listRoles', pageSize: 10, signal }
    expect(await roles.resourceTypes.role?.list(request, contextOf(upstream))).toMatchObject({
      success: true,
      payload: { resources: [{ externalId: 'r1', displayName: 'Owner' }] },
    })
  })

  test('refuses a config without an address and fills in the deadline', () => {
    expect(directoryConnector.configSchema.safeParse({}).success).toBe(false)
    expect(directoryConnector.configSchema.safeParse({ baseUrl: 'file:///etc' }).success).toBe(false)
    expect(directoryConnector.configSchema.safeParse({ baseUrl: upstream.url })).toMatchObject({
      data: { baseUrl: upstream.url, timeoutMs: 30_000 },
    })
  })
})
