import { setImmediate as turn } from 'node:timers/promises'
import { fakeClock } from '@syncline/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ServedApi, serveApi } from './serve-api.ts'

let api: ServedApi
let clock: ReturnType<typeof fakeClock>
let url: string

beforeEach(async () => {
  clock = fakeClock()
  api = await serveApi({ syncline: { clock }, work: false })
  const { runId } = await api.syncline.trigger({ connectorId: 'acme', resourceType: 'user' })
  url = `${api.url}/api/connectors/acme/runs/${runId}/events`
})
afterEach(() => api.close())

const headers = { authorization: 'Bearer reader' }

/** Until something is as it should be; the runner's own time limit ends what never is. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn()
}

async function firstEvent(response: Response): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  const reader = response.body?.getReader()
  if (!reader) throw new Error('There is no body')
  let text = ''
  while (!text.includes('event: progress')) text += new TextDecoder().decode((await reader.read()).value)
  await until(() => clock.sleepers === 1)
  return reader
}

test('a client that goes away leaves no timer behind', async () => {
  for (let times = 0; times < 3; times += 1) {
    const leaving = new AbortController()
    await firstEvent(await fetch(url, { headers, signal: leaving.signal }))
    leaving.abort()
    await until(() => clock.sleepers === 0)
  }
  expect(clock.timers).toBe(0)
})

test('closing the server ends its streams at once, cleanly, and leaves no timer behind', async () => {
  const reader = await firstEvent(await fetch(url, { headers }))
  const closed = api.app.close()
  expect((await reader.read()).done).toBe(true)
  await closed
  expect([clock.sleepers, clock.timers]).toEqual([0, 0])
})

test('HEAD answers as GET without a body, and follows nothing', async () => {
  const answer = await fetch(url, { method: 'HEAD', headers })
  expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
    200,
    'text/event-stream',
    '',
  ])
  await until(() => clock.sleepers === 0)
})

/** Text of a stream until it contains something; what comes later is left unread. */
async function textUntil(response: Response, isSo: (text: string) => boolean): Promise<string> {
  const reader = response.body?.getReader()
  if (!reader) throw new Error('There is no body')
  let text = ''
  for (let done: boolean | undefined = false; !done && !isSo(text); ) {
    const { done: ended, value } = await reader.read()
    done = ended
    text += new TextDecoder().decode(value)
  }
  return text
}

describe('many streams', () => {
  const open = (signal: AbortSignal, token = 'reader'): Promise<Response> =>
    fetch(url, { headers: { authorization: `Bearer ${token}` }, signal })
  const openMany = (count: number, signal: AbortSignal): Promise<Response[]> =>
    Promise.all(Array.from({ length: count }, () => open(signal)))

  test('of one run share one watcher of the store, and leave nothing behind', async () => {
    const leaving = new AbortController()
    const opened = await openMany(20, leaving.signal)
    expect(opened.every(({ status }) => status === 200)).toBe(true)
    for (const response of opened) {
      expect(await textUntil(response, (text) => text.includes('event: progress'))).toContain('"queued"')
    }
    expect(clock.sleepers).toBe(1)
    leaving.abort()
    await until(() => clock.sleepers === 0)
    expect(clock.timers).toBe(0)
  })

  test('of one run all get its end', async () => {
    const leaving = new AbortController()
    const opened = await openMany(5, leaving.signal)
    await until(() => clock.sleepers === 1)
    await api.syncline.runs.cancel(url.split('/').at(-2) ?? '', { connectorId: 'acme' })
    await clock.advance(500)
    for (const response of opened) {
      expect(await textUntil(response, () => false)).toMatch(/event: finished\ndata: .*"cancelled"/)
    }
    await until(() => clock.sleepers === 0)
  })

  test('a reader that comes later gets the state of its own request first', async () => {
    const leaving = new AbortController()
    await firstEvent(await open(leaving.signal))
    const late = await open(leaving.signal)
    expect(await textUntil(late, (text) => text.includes('event: progress'))).toContain('"queued"')
    expect(clock.sleepers).toBe(1)
    leaving.abort()
    await until(() => clock.sleepers === 0)
  })

  test('the twenty-first of a caller is refused with 429, other callers have places of their own', async () => {
    const leaving = new AbortController()
    const opened = await openMany(20, leaving.signal)
    const refused = await open(leaving.signal)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5'])
    expect(await refused.json()).toMatchObject({ code: 'TOO_MANY_REQUESTS' })
    expect((await open(leaving.signal, 'manager')).status).toBe(200)

    await opened[0]?.body?.cancel()
    let again = 429
    while (again === 429) again = (await open(leaving.signal)).status
    expect(again).toBe(200)
    leaving.abort()
    await until(() => clock.sleepers === 0)
  })

  test('of callers of two tenants who share an id are counted apart', async () => {
    const leaving = new AbortController()
    await api.close()
    api = await serveApi({
      syncline: { clock },
      work: false,
      plugin: {
        maxStreamsPerPrincipal: 1,
        authorize: ({ headers: { authorization } }) => ({
          id: 'sam',
          tenantId: authorization === 'Bearer a' ? 'a' : 'b',
        }),
      },
    })
    const urls = await Promise.all(
      ['acme', 'other'].map(async (connectorId) => {
        const { runId } = await api.syncline.trigger({ connectorId, resourceType: 'user' })
        return `${api.url}/api/connectors/${connectorId}/runs/${runId}/events`
      }),
    )
    const statuses: number[] = []
    for (const [at, tenant] of [
      [0, 'a'],
      [1, 'b'],
      [0, 'a'],
      [1, 'b'],
      [0, 'b'],
    ] as const) {
      const authorization = `Bearer ${tenant}`
      const response = await fetch(urls[at] ?? '', { headers: { authorization }, signal: leaving.signal })
      statuses.push(response.status)
    }
    expect(statuses).toEqual([200, 200, 429, 429, 404])
    leaving.abort()
    await until(() => clock.sleepers === 0)
  })

  test('HEAD requests take no place', async () => {
    for (let times = 0; times < 30; times += 1) {
      const response = await fetch(url, { method: 'HEAD', headers })
      expect(response.status).toBe(200)
      await response.text()
    }
  })

  test('one that is opened and closed gives its place back, a hundred times over', async () => {
    for (let times = 0; times < 100; times += 1) {
      const leaving = new AbortController()
      const response = await open(leaving.signal)
      if (response.status !== 200) throw new Error(`The ${times}th got ${response.status}`)
      leaving.abort()
      await until(() => clock.sleepers === 0)
    }
  })
})
