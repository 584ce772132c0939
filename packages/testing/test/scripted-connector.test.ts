import { type ListAnswer, type ListRequest, systemClock, type UpstreamRecord } from '@syncline/core'
import { memoryRateLimiter } from '@syncline/core/memory'
import { describe, expect, test } from 'vitest'
import { fakeClock } from '../src/fake-clock.ts'
import { pagesOf, type ScriptedConnector, scriptedConnector } from '../src/scripted-connector.ts'

const record = (externalId: string): UpstreamRecord => ({
  externalId,
  displayName: externalId,
  attributes: {},
})
const [a, b, c] = [record('a'), record('b'), record('c')]
const silent = () => undefined
const context = {
  connectorId: 'hr',
  tenantId: 't',
  config: {},
  logger: { debug: silent, info: silent, warn: silent, error: silent },
  clock: systemClock,
  rateLimiter: memoryRateLimiter(),
  allowedNetworks: [],
}

async function ask(connector: ScriptedConnector, change: Partial<ListRequest> = {}): Promise<ListAnswer> {
  const { user } = connector.resourceTypes
  if (!user) throw new Error('no list function')
  const request = { command: 'listUsers', pageSize: 2, signal: new AbortController().signal, ...change }
  return user.list(request, context)
}

describe('scriptedConnector', () => {
  test('plays its pages in order and ends the listing with the last', async () => {
    const connector = scriptedConnector({ resourceTypes: { user: { pages: [[a], [], [b, c]] } } })
    expect(await ask(connector)).toEqual({ success: true, payload: { resources: [a], nextCursor: 'page-2' } })
    expect(await ask(connector, { cursor: 'page-2' })).toEqual({
      success: true,
      payload: { resources: [], nextCursor: 'page-3' },
    })
    expect(await ask(connector, { cursor: 'page-3' })).toEqual({
      success: true,
      payload: { resources: [b, c] },
    })
  })

  test('keeps no paging state: any page may be asked for again', async () => {
    const connector = scriptedConnector({ resourceTypes: { user: { pages: [[a], [b]] } } })
    const first = await ask(connector, { cursor: 'page-2' })
    expect(await ask(connector, { cursor: 'page-2' })).toEqual(first)
  })

  test('records every request', async () => {
    const connector = scriptedConnector({ resourceTypes: { user: { pages: [[a], [b]] } } })
    await ask(connector, { cursor: 'page-2', modifiedSince: '2026-01-01T00:00:00Z' })
    expect(connector.requests).toEqual([
      {
        resourceType: 'user',
        pageNumber: 2,
        command: 'listUsers',
        cursor: 'page-2',
        pageSize: 2,
        modifiedSince: '2026-01-01T00:00:00Z',
      },
    ])
  })

  test('a cursor of the script replaces the next one: repeated, opaque, or the end', async () => {
    const pages = [{ nextCursor: 'opaque' }, { resources: [b], nextCursor: 'page-1' }]
    const connector = scriptedConnector({ resourceTypes: { user: { pages } } })
    expect(await ask(connector)).toMatchObject({ payload: { nextCursor: 'opaque' } })
    expect(await ask(connector, { cursor: 'opaque' })).toMatchObject({ payload: { nextCursor: 'page-1' } })
    connector.script('user', [{ nextCursor: null }, [b]])
    expect(await ask(connector)).toEqual({ success: true, payload: { resources: [] } })
  })

  test('fails as often as the script says, each time as it says, then answers', async () => {
    const broken = new Error('socket hang up')
    const failures = [{ code: 'RATE_LIMITED', retryAfterMs: 1000 }, broken]
    const connector = scriptedConnector({
      resourceTypes: { user: { pages: [{ resources: [a], failures }] } },
    })
    expect(await ask(connector)).toEqual({
      success: false,
      error: { code: 'RATE_LIMITED', message: 'Scripted RATE_LIMITED', retryAfterMs: 1000 },
    })
    await expect(ask(connector)).rejects.toBe(broken)
    expect(await ask(connector)).toMatchObject({ success: true })
    expect(connector.requests).toHaveLength(3)
  })

  test('hangs until the request is aborted', async () => {
    const pages = [{ failures: ['hang' as const] }]
    const connector = scriptedConnector({ resourceTypes: { user: { pages } } })
    const controller = new AbortController()
    const asked = ask(connector, { signal: controller.signal })
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(asked).rejects.toBe(reason)
  })

  test('spends its delays on the clock it was given', async () => {
    const clock = fakeClock()
    const pages = [{ resources: [a], delayMs: 700 }]
    const connector = scriptedConnector({ clock, resourceTypes: { user: { pages } } })
    const asked = ask(connector)
    expect(await clock.nextSleep()).toBe(700)
    await clock.advance(700)
    expect(await asked).toMatchObject({ success: true })
  })

  test('pages may follow the request', async () => {
    const connector = scriptedConnector({
      resourceTypes: {
        user: {
          incremental: true,
          pages: ({ modifiedSince, pageSize }) => pagesOf(modifiedSince ? [c] : [a, b, c], pageSize),
        },
      },
    })
    expect(await ask(connector)).toMatchObject({ payload: { resources: [a, b], nextCursor: 'page-2' } })
    expect(await ask(connector, { modifiedSince: 'now' })).toMatchObject({ payload: { resources: [c] } })
    expect(connector.resourceTypes.user?.incremental).toBe(true)
  })

  test('answers a cursor it does not know as a failure', async () => {
    const connector = scriptedConnector({ resourceTypes: { user: { pages: [[a]] } } })
    expect(await ask(connector, { cursor: 'page-9' })).toMatchObject({ error: { code: 'CURSOR_UNKNOWN' } })
  })

  test('pagesOf cuts records into pages and makes one empty page of none', () => {
    expect(pagesOf([a, b, c], 2)).toEqual([[a, b], [c]])
    expect(pagesOf([], 2)).toEqual([[]])
  })
})
