import { once } from 'node:events'
import { connect } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { createSyncline } from '@syncline/core'
import { fakeClock } from '@syncline/testing'
import Fastify, { type FastifyServerOptions } from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import { respondToFrameworkError, synclineHttp } from '../src/index.ts'
import { authorize, type ServedApi, serveApi } from './serve-api.ts'

const syncline = createSyncline({ connectorTypes: [] })

describe('the plugin', () => {
  async function warningsOf(server: FastifyServerOptions): Promise<readonly string[]> {
    const warnings: string[] = []
    const stream = {
      write(line: string) {
        const { level, msg }: { readonly level: number; readonly msg: string } = JSON.parse(line)
        if (level === 40) warnings.push(msg)
      },
    }
    const app = Fastify({ ...server, logger: { level: 'warn', stream } })
    await app.register(synclineHttp, { syncline, authorize })
    await app.close()
    return warnings
  }

  test('warns where bodies may be sent for ever, and says what to set', async () => {
    expect(await warningsOf({})).toEqual([expect.stringContaining('Fastify({ requestTimeout: 30_000 })')])
  })

  test('warns of nothing where they may not', async () => {
    expect(await warningsOf({ requestTimeout: 30_000 })).toEqual([])
  })
})

describe('requestTimeout', () => {
  let api: ServedApi | undefined
  afterEach(() => api?.close())

  test('ends bodies that are sent too slowly, webhooks too, and no event stream', async () => {
    const clock = fakeClock()
    api = await serveApi({
      syncline: { clock },
      work: false,
      server: { requestTimeout: 100, http: { headersTimeout: 50, connectionsCheckingInterval: 20 } },
    })
    const { runId } = await api.syncline.trigger({ connectorId: 'acme', resourceType: 'user' })
    const events = await fetch(`${api.url}/api/connectors/acme/runs/${runId}/events`, {
      headers: { authorization: 'Bearer reader' },
    })
    const reader = events.body?.getReader()
    while (clock.sleepers === 0) await turn()

    const received = await Promise.all(
      ['webhooks/acme', 'connectors/acme/sync-config/user/trigger'].map(async (path) => {
        const socket = connect(Number(new URL(api?.url ?? '').port), '127.0.0.1')
        socket.write(
          `POST /api/${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer manager\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{`,
        )
        let text = ''
        socket.on('data', (data) => (text += String(data)))
        await once(socket, 'close')
        return text
      }),
    )
    for (const text of received) expect(text).toMatch(/^HTTP\/1\.1 408 /)

    await api.syncline.runs.cancel(runId, { connectorId: 'acme' })
    await clock.advance(500)
    let seen = ''
    for (let done: boolean | undefined = false; !done; ) {
      const part = await reader?.read()
      done = part?.done ?? true
      seen += new TextDecoder().decode(part?.value)
    }
    expect(seen).toContain('event: finished')
  })
})

describe('respondToFrameworkError', () => {
  let api: ServedApi | undefined
  afterEach(() => api?.close())

  test.each(['connectors/%zz/sync-config', 'webhooks/%c0%ae', 'connectors/acme/runs/%E0%A4%A'])(
    'responds to %s with a problem that does not quote it',
    async (path) => {
      api = await serveApi({ work: false, server: { frameworkErrors: respondToFrameworkError } })
      const response = await api.call(`GET /${path}`)
      expect(response).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID', status: 400 } })
      expect(response.text).not.toContain('%')
      expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/)
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('x-request-id')).toBeTruthy()
    },
  )
})
