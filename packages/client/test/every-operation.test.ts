import { createHmac } from 'node:crypto'
import { createSynclineClient, type SynclineClient } from '@syncline/client'
import { memoryCredentialStore, memoryUserDirectory } from '@syncline/core/memory'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { people, type ServedApi, type ServeOptions, serveApi } from '../../http-fastify/test/serve-api.ts'
import { operations } from '../src/operations.ts'
import { declared, holdRequests, type RequestLog } from './hold-to-requests.ts'

const acme = { connectorId: 'acme' } as const
const users = { ...acme, resourceType: 'user' } as const

let api: ServedApi
let log: RequestLog
let client: SynclineClient

const connect = (served: ServedApi, held: RequestLog): SynclineClient =>
  createSynclineClient({
    baseUrl: `${served.url}/api`,
    headers: { authorization: 'Bearer manager' },
    fetch: held.fetch,
  })

beforeAll(async () => {
  const user = { userId: 'u-1', tenantId: 'a', email: 'somebody@acme.example', status: 'active' } as const
  api = await serveApi({
    syncline: {
      users: memoryUserDirectory({ users: [user] }),
      credentials: memoryCredentialStore(),
      automaticPostSync: false,
    },
  })
  log = holdRequests(`${api.url}/api`)
  client = connect(api, log)
})
// It throws when an answer was not as the document says.
afterAll(() => api.close())

async function collect<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

test('the table of operations is the OpenAPI document', () => {
  const told = declared.map(({ name, method, path, parameters, takesBody }) => ({
    name,
    method,
    path: path.replaceAll(/\{(\w+)\}/g, ':$1'),
    query: parameters
      .filter((one) => one.in === 'query')
      .map((one) => one.name)
      .toSorted(),
    keyed: parameters.some((one) => one.name === 'idempotency-key'),
    takesBody,
  }))
  // A body that can only be empty is never sent.
  const empty = ['approveRun', 'cancelRun', 'unlinkMatch']
  const ours = Object.entries(operations).map(([name, operation]) => ({
    name,
    method: operation.method,
    path: operation.path,
    query: ('query' in operation ? [...operation.query] : []).toSorted(),
    keyed: 'keyed' in operation,
    takesBody: 'body' in operation || empty.includes(name),
  }))
  expect(ours.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual(
    told.toSorted((a, b) => a.name.localeCompare(b.name)),
  )
})

test('settings are created, changed by their etag, listed and removed', async () => {
  const made = await client.putSyncConfig({ ...users, pageSize: 2 }, { ifNoneMatch: '*' })
  expect(made).toMatchObject({ created: true, config: { pageSize: 2, staleRetention: '7d' } })
  const read = await client.getSyncConfig(users)
  expect(read).toEqual({ config: made.config, etag: made.etag })
  const changed = await client.putSyncConfig(
    { ...users, filterRules: { emailDomains: ['acme.example'] }, cronSchedule: null },
    { ifMatch: read.etag },
  )
  expect(changed).toMatchObject({
    created: false,
    config: { filterRules: { emailDomains: ['acme.example'] } },
  })
  await expect(client.putSyncConfig(users, { ifMatch: read.etag })).rejects.toMatchObject({
    code: 'PRECONDITION_FAILED',
    status: 412,
    requestId: expect.any(String),
  })
  await client.putSyncConfig({ ...acme, resourceType: 'group' })
  expect((await client.listSyncConfigs(acme)).data.map(({ resourceType }) => resourceType)).toEqual([
    'group',
    'user',
  ])
  await client.deleteSyncConfig({ ...acme, resourceType: 'group' })
  await expect(client.getSyncConfig({ ...acme, resourceType: 'group' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
})

test('a trigger answers statistics; resources and runs are listed, and walked along cursors', async () => {
  api.connector.script('user', [people('1', '2', '3', '4', '5')])
  const answer = await client.triggerSync({ ...users, mode: 'full' }, { waitSeconds: 60 })
  expect(answer).toMatchObject({ completed: true, message: 'Sync completed', stats: { added: 5 } })
  const page = await client.listResources({
    ...acme,
    type: 'user',
    stale: false,
    search: 'PERSON',
    pageSize: 2,
  })
  expect(page).toMatchObject({
    total: 5,
    page: 1,
    totalPages: 3,
    data: [{ externalId: '1' }, { externalId: '2' }],
  })
  const next = await client.listResources({ ...acme, pageSize: 2, after: page.nextCursor ?? '' })
  expect(next.data.map(({ externalId }) => externalId)).toEqual(['3', '4'])
  const all = await collect(client.eachResource({ ...acme, pageSize: 2 }))
  expect(all.map(({ externalId }) => externalId)).toEqual(['1', '2', '3', '4', '5'])
  const { data } = await client.listRuns({ ...acme, type: 'user', status: 'success', page: 1 })
  expect(await client.getRun({ ...acme, runId: data[0]?.id ?? '' })).toEqual(data[0])
  expect(await collect(client.eachRun(acme))).toEqual(data)
  expect(await client.getSyncStatus(users)).toMatchObject({ lastSyncStatus: 'success', runId: data[0]?.id })
  const told = await collect(client.streamRunEvents({ ...acme, runId: data[0]?.id ?? '' }))
  expect(told).toEqual([{ id: expect.any(String), event: 'finished', run: data[0] }])
  const { id: lastEventId = '' } = told[0] ?? {}
  expect(
    await collect(client.streamRunEvents({ ...acme, runId: data[0]?.id ?? '' }, { lastEventId })),
  ).toEqual([])
})

test('a run that ends without success is thrown with its id; its removals are approved', async () => {
  api.connector.script('user', [[]])
  const guarded = client.triggerSync({ ...users, restart: true })
  await expect(guarded).rejects.toMatchObject({ code: 'REMOVAL_GUARDED', runId: expect.any(String) })
  const { runId = '' } = (await guarded.catch((error: { runId?: string }) => error)) as { runId?: string }
  const approval = await client.approveRun({ ...acme, runId })
  expect(approval).toMatchObject({ status: 'success', approves: runId, stats: { staled: 5 } })
  await expect(client.cancelRun({ ...acme, runId })).rejects.toMatchObject({ code: 'RUN_ENDED', runId })
})

test('match rows are listed, counted and decided', async () => {
  api.connector.script('user', [people('1', '2', '3')])
  await client.triggerSync(users)
  await api.syncline.postSync.run(users)
  const rows = await collect(client.eachMatch({ ...acme, type: 'user', pageSize: 1 }))
  const { data } = await client.listMatches({
    ...acme,
    type: 'user',
    status: 'unmatched',
    search: 'person 1',
  })
  const matchId = data[0]?.id ?? ''
  const linked = await client.resolveMatch({
    ...acme,
    matchId,
    action: 'link',
    userId: 'u-1',
    notes: 'known',
  })
  expect(linked).toMatchObject({ matchStatus: 'manual_override', userId: 'u-1', resolvedBy: 'mona' })
  expect(await client.unlinkMatch({ ...acme, matchId })).toMatchObject({
    matchStatus: 'unmatched',
    userId: null,
  })
  const matchIds = rows.map(({ id }) => id)
  expect(await client.bulkResolveMatches({ ...acme, matchIds, action: 'skip' })).toEqual({
    updated: rows.length,
  })
  expect(await client.matchStats({ ...acme, type: 'user' })).toMatchObject({
    skipped: rows.length,
    unmatched: 0,
  })
})

test('quarantine is listed, and the cache is cleared', async () => {
  const bad = { externalId: 'bad', displayName: 'x\0', attributes: {} }
  api.connector.script('user', [[...people('1', '2', '3'), bad]])
  await client.triggerSync(users)
  const { data } = await client.listQuarantine({ ...acme, type: 'user' })
  expect(data).toMatchObject([{ externalId: 'bad', reason: 'NUL_CHARACTER' }])
  expect(await collect(client.eachQuarantined(acme))).toEqual(data)
  expect(await client.clearCache({ ...acme, type: 'user', externalId: '1' })).toEqual({ cleared: true })
})

test('a webhook is sent as it was signed', async () => {
  const { secret } = await api.syncline.webhooks.setSecret(acme)
  const body = JSON.stringify({ action: 'deleted', resourceType: 'user', resourceId: '3' })
  const time = Math.floor(Date.now() / 1_000)
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const signature = createHmac('sha256', key).update(`m-1.${time}.${body}`).digest('base64')
  const headers = {
    'webhook-id': 'm-1',
    'webhook-timestamp': `${time}`,
    'webhook-signature': `v1,${signature}`,
  }
  expect(await client.receiveWebhook({ ...acme, body }, { headers })).toEqual({
    status: 'applied',
    messageId: 'm-1',
  })
  const bytes = new TextEncoder().encode(body)
  expect(await client.receiveWebhook({ ...acme, body: bytes }, { headers })).toMatchObject({
    status: 'repeated',
  })
})

/** A server on which runs stay queued, and a client of it whose first answers are lost on the way. */
async function serveLosing(lost: number, options: ServeOptions) {
  const served = await serveApi(options)
  const held = holdRequests(`${served.url}/api`)
  let answers = 0
  const losing = connect(served, {
    ...held,
    async fetch(url, init) {
      const response = await held.fetch(url, init)
      answers += 1
      if (answers > lost) return response
      await response.body?.cancel()
      throw new TypeError('The answer is lost')
    },
  })
  return { served, held, losing, answers: () => answers }
}

test('a trigger whose answer was lost is asked for again, and is about the one run', async () => {
  const { served, losing, held, answers } = await serveLosing(2, { work: false })
  try {
    const accepted = await losing.triggerSync(users, { respondAsync: true })
    const runs = await served.syncline.runs.list(acme)
    expect(answers()).toBe(3)
    expect(runs).toHaveLength(1)
    expect(accepted).toMatchObject({ completed: false, runId: runs[0]?.runId, status: 'queued' })
    expect(await losing.cancelRun({ ...acme, runId: runs[0]?.runId ?? '' })).toMatchObject({
      status: 'cancelled',
    })
    expect(held.violations).toEqual([])
  } finally {
    await served.close()
  }
})

test('every operation was asked for, and every request was as the document says', () => {
  expect(log.violations).toEqual([])
  expect([...log.asked].toSorted()).toEqual(declared.map(({ name }) => name).toSorted())
})
