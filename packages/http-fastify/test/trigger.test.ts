import type { Run } from '@syncline/core'
import { afterEach, describe, expect, test } from 'vitest'
import { type Answer, people, type ServedApi, type ServeOptions, serveApi } from './serve-api.ts'

const trigger = 'POST /connectors/acme/sync-config/user/trigger'
const apis: ServedApi[] = []
const serve = async (options?: ServeOptions): Promise<ServedApi> => {
  const api = await serveApi(options)
  apis.push(api)
  return api
}
afterEach(async () => {
  for (const api of apis.splice(0)) await api.close()
})

const runIdOf = (answer: Answer): string => String((answer.body as { runId?: unknown }).runId)
/** The first run, once there is one: asked for over HTTP, so that the server gets its turns. */
async function startedRun(api: ServedApi): Promise<Run> {
  for (;;) {
    await api.call('GET /connectors/acme/sync-config')
    const [run] = await runs(api)
    if (run) return run
  }
}

const runs = (api: ServedApi) => api.syncline.runs.list({ connectorId: 'acme' })

test('it answers the statistics of the run that it waited for', async () => {
  const api = await serve()
  const answer = await api.call(trigger)
  expect(answer.status).toBe(200)
  expect(answer.body).toEqual({
    message: 'Sync completed',
    stats: expect.objectContaining({ added: 3, updated: 0, unchanged: 0, staled: 0, pagesProcessed: 1 }),
  })
  expect(await api.call(trigger, { body: { mode: 'full', restart: true } })).toMatchObject({
    status: 200,
    body: { stats: { unchanged: 3 } },
  })
})

test('only connector:manage may, and unknown members are refused', async () => {
  const api = await serve({ work: false })
  expect((await api.call(trigger, { token: 'reader' })).status).toBe(403)
  for (const body of [{ mode: 'fast' }, { runId: 'x' }, { wait: true }, []]) {
    expect((await api.call(trigger, { body })).status).toBe(400)
  }
  expect((await api.call('POST /connectors/acme/sync-config/device/trigger')).status).toBe(400)
  expect(await runs(api)).toEqual([])
})

describe('Prefer (RFC 7240)', () => {
  test('respond-async answers at once where the run is', async () => {
    const api = await serve({ work: false })
    const answer = await api.call(trigger, { headers: { prefer: 'respond-async' } })
    const [run] = await runs(api)
    expect(answer).toMatchObject({ status: 202, body: { runId: run?.runId, status: 'queued' } })
    expect(answer.headers.get('location')).toBe(`/api/connectors/acme/runs/${run?.runId}`)
    expect(answer.headers.get('preference-applied')).toBe('respond-async')
  })

  test('after wait=n seconds it answers where the run is', async () => {
    const api = await serve({ work: false })
    const answer = await api.call(trigger, { headers: { prefer: 'wait=1' } })
    expect(answer).toMatchObject({ status: 202, body: { status: 'queued' } })
    expect(answer.headers.get('preference-applied')).toBe('wait=1')
  })

  test('a run that ends within wait is answered with its statistics', async () => {
    const api = await serve()
    const answer = await api.call(trigger, { headers: { prefer: 'respond-async, wait=60' } })
    expect(answer).toMatchObject({ status: 200, body: { message: 'Sync completed' } })
    expect(answer.headers.get('preference-applied')).toBe('respond-async, wait=60')
  })

  test('what cannot be read or is not known is passed over', async () => {
    const api = await serve()
    const prefer = 'wait=1e3, wait=-1, return=minimal; foo="bar", =, handling=lenient, "x'
    const answer = await api.call(trigger, { headers: { prefer } })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('preference-applied')).toBeNull()
  })
})

test('while a run is queued or goes on, another trigger answers 409 with its id', async () => {
  const api = await serve({ work: false })
  const first = await api.call(trigger, { headers: { prefer: 'respond-async' } })
  const second = await api.call(trigger)
  expect(second).toMatchObject({ status: 409, body: { code: 'SYNC_ALREADY_RUNNING', runId: runIdOf(first) } })
  expect(await runs(api)).toHaveLength(1)
})

test('a run that ends without success is answered as what it met', async () => {
  const api = await serve()
  api.connector.script('user', [{ failures: [{ code: 'UPSTREAM_REJECTED', message: 'no such scope' }] }])
  const failed = await api.call(trigger)
  const [run] = await runs(api)
  expect(failed).toMatchObject({ status: 502, body: { code: 'UPSTREAM_REJECTED', runId: run?.runId } })

  api.connector.script('user', [people(...Array.from({ length: 60 }, (_, id) => String(id)))])
  await api.call(trigger)
  api.connector.script('user', [[]])
  expect(await api.call(trigger)).toMatchObject({ status: 409, body: { code: 'REMOVAL_GUARDED' } })
})

test('a client that goes away does not stop the run', async () => {
  const api = await serve()
  api.connector.script('user', [people('1'), people('2')])
  const gone = new AbortController()
  const calling = api.call(trigger, { signal: gone.signal }).catch((error: unknown) => error)
  const run = await startedRun(api)
  gone.abort()
  expect(await calling).toMatchObject({ name: 'AbortError' })
  expect(await api.syncline.runs.wait(run.runId)).toMatchObject({ status: 'success', stats: { added: 2 } })
})

test('a server that closes answers who waits where the run is, and the run stays', async () => {
  const api = await serve({ work: false })
  const calling = api.call(trigger)
  await startedRun(api)
  const closed = api.app.close()
  expect(await calling).toMatchObject({ status: 202, body: { status: 'queued' } })
  await closed
  expect(await runs(api)).toMatchObject([{ status: 'queued' }])
})

describe('Idempotency-Key', () => {
  const keyed = { headers: { 'idempotency-key': 'k-1' } }

  test('attempts at once and later are about one run, in whichever process', async () => {
    const api = await serve()
    const [first, second] = await Promise.all([api.call(trigger, keyed), api.call(trigger, keyed)])
    expect(first).toMatchObject({ status: 200, body: { stats: { added: 3 } } })
    expect(second?.text).toBe(first?.text)
    expect((await api.call(trigger, keyed)).text).toBe(first?.text)
    const later = await api.call(trigger, { headers: { ...keyed.headers, prefer: 'respond-async' } })
    expect(later.text).toBe(first?.text)
    expect(await runs(api)).toHaveLength(1)
    expect((await api.call(trigger)).status).toBe(200)
    expect(await runs(api)).toHaveLength(2)
  })

  test('the same key with another request answers 422, of another principal it is another key', async () => {
    const api = await serve({ work: false })
    const prefer = { ...keyed.headers, prefer: 'respond-async' }
    const first = await api.call(trigger, { headers: prefer })
    const other = { headers: prefer, body: { mode: 'full' } }
    expect(await api.call(trigger, other)).toMatchObject({
      status: 422,
      body: { code: 'IDEMPOTENCY_KEY_REUSED' },
    })
    expect(
      await api.call('POST /connectors/acme/sync-config/group/trigger', { headers: prefer }),
    ).toMatchObject({ status: 422 })
    expect(await api.call(trigger, { headers: prefer, token: 'operator' })).toMatchObject({
      status: 409,
      body: { runId: runIdOf(first) },
    })
  })

  test('a key that is none answers 400', async () => {
    const api = await serve({ work: false })
    for (const key of ['', 'a b', 'ü', 'x'.repeat(256)]) {
      const answer = await api.call(trigger, { headers: { 'idempotency-key': key } })
      expect(answer).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } })
    }
    expect(await runs(api)).toEqual([])
  })

  test('a trigger that was refused is made by a later attempt', async () => {
    const api = await serve({ work: false })
    const blocking = await api.call(trigger, { headers: { prefer: 'respond-async' } })
    const wanted = { headers: { ...keyed.headers, prefer: 'respond-async' } }
    expect((await api.call(trigger, wanted)).status).toBe(409)
    await api.syncline.runs.cancel(runIdOf(blocking))
    const made = await api.call(trigger, wanted)
    expect(made.status).toBe(202)
    expect(runIdOf(await api.call(trigger, wanted))).toBe(runIdOf(made))
  })
})
