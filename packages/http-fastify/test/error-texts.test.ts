import type { Syncline } from '@syncline/core'
import { memoryStore } from '@syncline/core/memory'
import { routes } from '@syncline/http'
import { chaosStore } from '@syncline/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { routeNames, samples } from './every-route.ts'
import { type ServedApi, serveApi } from './serve-api.ts'

const canary = 'canary-7f31'
const driverText = `insert into resource_row values ('${canary}') failed at 10.20.30.40:5432`

let api: ServedApi | undefined
afterEach(() => api?.close())

/** A server whose latest run of `acme` users failed with an error of the installation's own. */
async function serveFailedRun(error: Error): Promise<{ readonly api: ServedApi; readonly runId: string }> {
  const { store } = chaosStore(memoryStore(), {
    method: 'resources.commitPage',
    call: 1,
    when: 'before',
    kind: 'fail',
    error,
  })
  api = await serveApi({ store, plugin: { rateLimit: false } })
  const scope = { connectorId: 'acme', resourceType: 'user' }
  await api.syncline.configs.save(scope)
  const run = await api.syncline.sync(scope)
  expect(run).toMatchObject({
    status: 'error',
    error: { code: 'INTERNAL', message: expect.stringContaining(canary) },
  })
  return { api, runId: run.runId }
}

describe('the text of an error that nobody expected', () => {
  test('is in no response of any route, stream or problem', async () => {
    const served = await serveFailedRun(new Error(driverText))
    for (const name of routeNames) {
      // A route before this one may have removed it.
      await served.api.syncline.configs.save({ connectorId: 'acme', resourceType: 'user' })
      const { method, path } = routes[name]
      const values: Record<string, string> = {
        connectorId: 'acme',
        resourceType: 'user',
        runId: served.runId,
        matchId: '0198b0d0-0000-7000-8000-000000000000',
      }
      const { query, body } = samples[name]
      const filled = path.replaceAll(/:(\w+)/g, (_, parameter: string) => values[parameter] ?? '')
      const response = await served.api.call(`${method} ${query ? `${filled}?${query}` : filled}`, { body })
      const seen = response.text + JSON.stringify([...response.headers])
      expect(seen, name).not.toContain(canary)
      expect(seen, name).not.toContain('10.20.30.40')
    }
  })

  test('is replaced in the status, which keeps that the run failed', async () => {
    const { api: served } = await serveFailedRun(new Error(driverText))
    const { body } = await served.call('GET /connectors/acme/sync-config/user/status')
    expect(body).toMatchObject({
      lastSyncStatus: 'error',
      lastSyncError: 'Something went wrong; the log knows more under the request id',
      progress: { message: expect.stringMatching(/^Ended as error: Something went wrong/) },
    })
  })
})

test('a trigger whose run fails inside responds with INTERNAL and the run, without the text', async () => {
  const { store } = chaosStore(memoryStore(), {
    method: 'resources.commitPage',
    call: 1,
    when: 'before',
    kind: 'fail',
    error: new Error(driverText),
  })
  api = await serveApi({ store })
  const response = await api.call('POST /connectors/acme/sync-config/user/trigger')
  expect(response).toMatchObject({ status: 500, body: { code: 'INTERNAL', runId: expect.any(String) } })
  expect(response.text).not.toContain(canary)
})

/** The host's own view is not restricted: the text is for its log and its operators. */
test('the host still reads the whole text with `syncline.status`', async () => {
  const { api: served } = await serveFailedRun(new Error(driverText))
  const { latestRun }: Awaited<ReturnType<Syncline['status']>> = await served.syncline.status({
    connectorId: 'acme',
    resourceType: 'user',
  })
  expect(latestRun?.error?.message).toContain(canary)
})
