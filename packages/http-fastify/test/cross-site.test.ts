import { routes } from '@syncline/http'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type EveryRoute, routeNames, serveEveryRoute } from './every-route.ts'
import { type ServedApi, serveApi } from './serve-api.ts'

const foreignPage = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
const trigger = 'POST /connectors/acme/sync-config/user/trigger'

describe('a request that a browser sends for a page of another site', () => {
  let api: EveryRoute
  beforeAll(async () => {
    api = await serveEveryRoute()
  })
  afterAll(() => api.close())

  const changing = routeNames.filter((name) => {
    const { method, permission } = routes[name]
    return method !== 'GET' && permission !== 'signature'
  })

  test.each(changing)('is refused by %s before the host is asked, and changes nothing', async (name) => {
    const before = await api.state()
    const what = `${routes[name].method} ${api.pathOf(name, 'acme')}`
    for (const token of ['manager', 'none'] as const) {
      for (const body of [undefined, api.bodyOf(name, 'acme')]) {
        const response = await api.call(what, { token, headers: foreignPage, body })
        expect(response).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } })
      }
    }
    expect(await api.state()).toBe(before)
  })

  test.each(['cross-site, same-origin', 'CROSS-SITE', 'unheard-of', ''])(
    'is refused with Sec-Fetch-Site: %j as well',
    async (site) => {
      const response = await api.call(trigger, { headers: { 'sec-fetch-site': site } })
      expect(response.status).toBe(403)
    },
  )

  test('may read: other pages do not get to see the response', async () => {
    const response = await api.call('GET /connectors/acme/sync-config', { headers: foreignPage })
    expect(response.status).toBe(200)
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  test('is no matter for signed webhooks', async () => {
    const response = await api.call('POST /webhooks/acme', { headers: foreignPage, body: {} })
    expect(response).toMatchObject({ status: 401, body: { code: 'WEBHOOK_UNVERIFIED' } })
  })

  test.each(['same-origin', 'same-site', 'none', undefined])(
    'is told apart from one with Sec-Fetch-Site: %s',
    async (site) => {
      const response = await api.call(trigger, {
        headers: site === undefined ? {} : { 'sec-fetch-site': site },
      })
      expect(response.status).toBe(200)
    },
  )
})

describe('allowedOrigins', () => {
  let api: ServedApi | undefined
  afterEach(() => api?.close())

  test('lets the pages of these origins pass, and no others', async () => {
    api = await serveApi({ plugin: { allowedOrigins: ['https://admin.example'] } })
    const from = (origin: string) =>
      api?.call(trigger, { headers: { ...foreignPage, origin } }).then(({ status }) => status)
    expect(await from('https://admin.example')).toBe(200)
    for (const origin of [
      'https://admin.example.evil.example',
      'http://admin.example',
      'https://admin.example:8443',
      'null',
    ]) {
      expect(await from(origin), origin).toBe(403)
    }
    expect((await api.call(trigger, { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403)
  })

  test('`any` lets every page pass', async () => {
    api = await serveApi({ plugin: { allowedOrigins: 'any' } })
    expect((await api.call(trigger, { headers: foreignPage })).status).toBe(200)
  })
})
