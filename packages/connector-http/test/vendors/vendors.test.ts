import { apiKey, type HttpConnector } from '@syncline/connector-http'
import { createSyncline, type Resource } from '@syncline/core'
import { memoryCredentialStore, memoryStore } from '@syncline/core/memory'
import { fakeClock } from '@syncline/testing'
import { createEmulator, type EmulatorOptions } from 'emulate'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { github } from './github.ts'
import { okta } from './okta.ts'
import { slack } from './slack.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const token = 'test_token_admin'

type Call = Omit<RequestInit, 'headers'> & {
  readonly scheme?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A vendor's server that no one here wrote, and a connector for it on the real engine. */
async function vendor<Config>(request: {
  readonly type: HttpConnector<Config>
  readonly emulator: EmulatorOptions
  readonly values: Readonly<Record<string, string>>
  readonly config?: Readonly<Record<string, string>>
}) {
  const emulator = await createEmulator(request.emulator)
  closing.push(() => emulator.close())
  // Waits for rate limits take no time.
  const clock = fakeClock({ auto: true })
  const syncline = createSyncline({
    store: memoryStore({ clock }),
    clock,
    connectorTypes: [request.type],
    credentials: memoryCredentialStore({ clock }),
    // The emulator says "localhost".
    allowedNetworks: ['127.0.0.1', '::1'],
  })
  const { type } = request.type
  await syncline.credentials.save({ ref: type, values: request.values })
  const config = { baseUrl: emulator.url, ...request.config }
  await syncline.connectors.save({ connectorId: type, type, credentialRef: type, config })
  const call = async (path: string, init: Call = {}): Promise<unknown> => {
    const { scheme = 'Bearer', ...rest } = init
    const headers = { authorization: `${scheme} ${token}`, ...init.headers }
    const response = await fetch(`${emulator.url}${path}`, { ...rest, headers })
    if (!response.ok) throw new Error(`${path}: ${response.status}`)
    return response.status === 204 ? undefined : response.json()
  }
  const live = async (resourceType: string) => {
    const found: Resource[] = []
    for await (const one of syncline.resources.all({ connectorId: type, resourceType, stale: false }))
      found.push(one)
    return found.toSorted((left, right) => (left.externalId < right.externalId ? -1 : 1))
  }
  const sync = (resourceType: string) => syncline.sync({ connectorId: type, resourceType })
  return { syncline, call, live, sync }
}

const json = (body: unknown): Call => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
})
const idsIn = (body: unknown): string[] =>
  z
    .array(z.object({ id: z.union([z.string(), z.number()]) }))
    .parse(body)
    .map(({ id }) => String(id))

describe('Okta: SSWS key, Link header', () => {
  const people = Array.from({ length: 250 }, (_, index) => ({
    login: `p${index}@acme.example`,
    email: `p${index}@acme.example`,
    first_name: 'Person',
    last_name: String(index),
  }))
  const start = (type = okta()) =>
    vendor({
      type,
      emulator: { service: 'okta', port: 0, seed: { okta: { users: people, groups: [{ name: 'Design' }] } } },
      values: { apiKey: token },
    })
  const scheme = 'SSWS'

  test('users: the store equals upstream after a first listing, changes and removals', async () => {
    const { sync, live, call } = await start()
    const first = await sync('user')
    expect(first).toMatchObject({ status: 'success', stats: { added: 251, pagesProcessed: 3 } })

    const profile = {
      login: 'new@acme.example',
      email: 'new@acme.example',
      firstName: 'New',
      lastName: 'One',
    }
    await call('/api/v1/users', {
      ...json({ profile }),
      scheme,
      headers: { 'content-type': 'application/json' },
    })
    const [gone] = await live('user')
    await call(`/api/v1/users/${gone?.externalId}/lifecycle/deactivate`, { method: 'POST', scheme })
    await call(`/api/v1/users/${gone?.externalId}`, { method: 'DELETE', scheme })
    expect(await sync('user')).toMatchObject({
      status: 'success',
      stats: { added: 1, staled: 1, unchanged: 250 },
    })

    const upstream = await call('/api/v1/users?per_page=500', { scheme })
    const ids = (await live('user')).map(({ externalId }) => externalId)
    expect(ids).toEqual(idsIn([...(await pagesOf(call, '/api/v1/users', scheme))]).toSorted())
    expect(idsIn(upstream).every((id) => ids.includes(id))).toBe(true)
  })

  test('groups come with their members', async () => {
    const { sync, live, call } = await start()
    const [group] = z
      .array(z.object({ id: z.string() }))
      .parse(await call('/api/v1/groups?q=Design', { scheme }))
    const members = idsIn(await call('/api/v1/users?per_page=3', { scheme }))
    for (const id of members) await call(`/api/v1/groups/${group?.id}/users/${id}`, { method: 'PUT', scheme })
    expect((await sync('group')).status).toBe('success')
    const design = (await live('group')).find(({ displayName }) => displayName === 'Design')
    expect(design?.attributes.members).toEqual(expect.arrayContaining(members))
  })

  test('a key that is not sent is UNAUTHORIZED, and check says so too', async () => {
    const good = await start()
    await good.syncline.connectors.check('okta')
    const bad = await start(okta(apiKey({ header: 'x-wrong-place' })))
    await expect(bad.syncline.connectors.check('okta')).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    expect((await bad.sync('user')).error?.code).toBe('UNAUTHORIZED')
  })
})

async function pagesOf(
  call: (path: string, init?: Call) => Promise<unknown>,
  path: string,
  scheme: string,
): Promise<unknown[]> {
  const found: unknown[] = []
  for (let page = 1; ; page++) {
    const items = z.array(z.unknown()).parse(await call(`${path}?per_page=100&page=${page}`, { scheme }))
    if (items.length === 0) return found
    found.push(...items)
  }
}

describe('GitHub: pages by Link header, rate headers', () => {
  const logins = Array.from({ length: 130 }, (_, index) => ({ login: `dev-${index}`, name: `Dev ${index}` }))
  const start = () =>
    vendor({
      type: github,
      emulator: {
        service: 'github',
        port: 0,
        seed: {
          github: {
            users: logins,
            orgs: [{ login: 'acme', name: 'Acme', members: logins.map(({ login }) => ({ login })) }],
          },
        },
      },
      values: { token },
      config: { org: 'acme' },
    })

  test('members of an organisation, and teams with their members', async () => {
    const { sync, live, call } = await start()
    expect(await sync('user')).toMatchObject({ status: 'success', stats: { added: 130, pagesProcessed: 2 } })
    const ids = (await live('user')).map(({ externalId }) => externalId)
    expect(ids).toEqual(idsIn(await pagesOf(call, '/orgs/acme/members', 'Bearer')).toSorted())

    expect(await sync('team')).toMatchObject({ status: 'success', stats: { added: 1 } })
    const [everyone] = await live('team')
    expect(z.array(z.string()).parse(everyone?.attributes.members).toSorted()).toEqual(ids)
    await call('/orgs/acme/teams', json({ name: 'Core' }))
    expect(await sync('team')).toMatchObject({ stats: { added: 1, unchanged: 1 } })
    await call('/orgs/acme/teams/core', { method: 'DELETE' })
    expect(await sync('team')).toMatchObject({ status: 'success', stats: { staled: 1, unchanged: 1 } })
  })
})

describe('Slack: body cursor, errors in a 200', () => {
  const people = Array.from({ length: 45 }, (_, index) => ({
    name: `person-${index}`,
    real_name: `Person ${index}`,
    email: `p${index}@acme.example`,
  }))
  const start = (type = slack()) =>
    vendor({
      type,
      emulator: { service: 'slack', port: 0, seed: { slack: { users: people } } },
      values: { token, apiKey: token },
    })

  test('users, page by page, equal upstream', async () => {
    const { syncline, sync, live, call } = await start()
    await syncline.configs.save({ connectorId: 'slack', resourceType: 'user', pageSize: 10 })
    const run = await sync('user')
    expect(run).toMatchObject({ status: 'success', stats: { added: 46, pagesProcessed: 5 } })
    const upstream = z
      .object({ members: z.array(z.unknown()) })
      .parse(await call('/api/users.list', { method: 'POST', body: new URLSearchParams({ limit: '1000' }) }))
    expect((await live('user')).map(({ externalId }) => externalId)).toEqual(
      idsIn(upstream.members).toSorted(),
    )
    expect(await sync('user')).toMatchObject({ stats: { unchanged: 46, staled: 0 } })
  })

  test('not_authed in a 200 is UNAUTHORIZED', async () => {
    const { sync } = await start(slack(apiKey({ header: 'x-wrong-place' })))
    expect((await sync('user')).error?.code).toBe('UNAUTHORIZED')
  })
})
