import { setImmediate as turn } from 'node:timers/promises'
import { fakeClock } from '@syncline/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
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

test('a hundred streams of one run leave nothing behind', async () => {
  const leaving = new AbortController()
  const opened = await Promise.all(
    Array.from({ length: 100 }, () => fetch(url, { headers, signal: leaving.signal })),
  )
  await until(() => clock.sleepers === 100)
  expect(opened.every(({ status }) => status === 200)).toBe(true)
  leaving.abort()
  await until(() => clock.sleepers === 0)
})
