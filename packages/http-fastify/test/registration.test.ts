import { createSyncline } from '@syncline/core'
import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { synclineHttp } from '../src/index.ts'
import { requireFastify } from '../src/require-fastify.ts'
import { authorize, serveApi } from './serve-api.ts'

const syncline = createSyncline({ connectorTypes: [] })

test('the plugin refuses to register without authorize', async () => {
  const app = Fastify()
  // As a host in JavaScript may.
  const options = { syncline } as Parameters<typeof synclineHttp>[1]
  await expect(async () => app.register(synclineHttp, options)).rejects.toMatchObject({
    code: 'OPTIONS_INVALID',
  })
})

test.each(['4.29.1', '5.0.0', '5.7.9', '5.8.4', '6.0.0', 'x'])('Fastify %s is refused', (version) => {
  expect(() => requireFastify(version)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }))
})

test.each(['5.8.5', '5.9.0', '5.12.8'])('Fastify %s is taken', (version) => {
  expect(() => requireFastify(version)).not.toThrow()
})

test('a base path that is none is refused', async () => {
  const app = Fastify()
  await expect(async () =>
    app.register(synclineHttp, { syncline, authorize, basePath: 'api/' }),
  ).rejects.toMatchObject({ code: 'OPTIONS_INVALID' })
})

test("parsers, error handlers and hooks of the host's own routes stay as they were", async () => {
  const api = await serveApi({
    prepare: (app) => {
      app.post('/own', async (request) => ({ got: request.body }))
      app.get('/broken', async () => {
        throw new Error('own words')
      })
    },
  })
  try {
    const own = await fetch(`${api.url}/own`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a":1}',
    })
    expect(await own.json()).toEqual({ got: { a: 1 } })
    expect(own.headers.get('cache-control')).toBeNull()
    expect(await (await fetch(`${api.url}/broken`)).json()).toMatchObject({ message: 'own words' })
  } finally {
    await api.close()
  }
})
