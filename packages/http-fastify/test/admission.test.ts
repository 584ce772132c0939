import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServedApi, serveApi } from './serve-api.ts'

let api: ServedApi
beforeAll(async () => {
  api = await serveApi()
  for (const connectorId of ['acme', 'other']) {
    await api.syncline.configs.save({ connectorId, resourceType: 'user', pageSize: 42 })
  }
})
afterAll(() => api.close())

const own = 'GET /connectors/acme/sync-config/user'
const foreign = 'GET /connectors/other/sync-config/user'
const unknown = 'GET /connectors/nobody/sync-config/user'

test('who is allowed to is answered, and nothing of it may be kept', async () => {
  const answer = await api.call(own, { token: 'reader' })
  expect(answer).toMatchObject({ status: 200, body: { connectorId: 'acme', pageSize: 42 } })
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  expect(answer.headers.get('x-request-id')).toBeTruthy()
})

test('no token and a bad one answer 401 with a challenge, no permission 403', async () => {
  for (const headers of [undefined, { authorization: 'Bearer wrong' }, { authorization: 'Basic reader' }]) {
    const answer = await api.call(own, { token: 'none', headers })
    expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } })
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  }
  expect(await api.call(own, { token: 'nobody' })).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } })
})

test("another tenant's connector and one that does not exist answer the same 404, byte for byte", async () => {
  const varying = ['date', 'x-request-id']
  const shown = ({ status, headers, text }: Awaited<ReturnType<typeof api.call>>) => ({
    status,
    text,
    headers: [...headers].filter(([name]) => !varying.includes(name)),
  })
  const answers = [
    await api.call(foreign),
    await api.call(unknown),
    await api.call(own, { token: 'elsewhere' }),
    await api.call('GET /connectors/acme/sync-config/role'),
    await api.call('GET /connectors/other/sync-config/role'),
  ].map(shown)
  expect(answers[0]).toMatchObject({ status: 404 })
  for (const answer of answers) expect(answer).toEqual(answers[0])
})

test('an operator of every tenant sees every connector', async () => {
  for (const what of [own, foreign]) expect((await api.call(what, { token: 'operator' })).status).toBe(200)
})

test('authorize may hide a connector, and its failure says nothing', async () => {
  const hiding = await serveApi({ plugin: { authorize: async () => 'unknown' as const } })
  const failing = await serveApi({
    plugin: {
      authorize: async () => {
        throw new Error('canary in the host')
      },
    },
  })
  const forgetful = await serveApi({
    plugin: { authorize: (async () => ({ id: 'x' })) as never },
  })
  try {
    expect((await hiding.call(own)).text).toBe((await api.call(unknown)).text)
    for (const broken of [failing, forgetful]) {
      const answer = await broken.call(own)
      expect(answer).toMatchObject({ status: 500, body: { code: 'INTERNAL' } })
      expect(answer.text).not.toContain('canary')
    }
  } finally {
    await Promise.all([hiding.close(), failing.close(), forgetful.close()])
  }
})

test('HEAD answers as GET without a body, other methods 405 with Allow', async () => {
  const head = await api.call(own.replace('GET', 'HEAD'))
  expect(head).toMatchObject({ status: 200, text: '' })
  expect((await api.call(own.replace('GET', 'HEAD'), { token: 'none' })).status).toBe(401)
  for (const method of ['PATCH', 'OPTIONS', 'POST']) {
    const answer = await api.call(own.replace('GET', method), { token: 'none' })
    expect(answer).toMatchObject({ status: 405, body: { code: 'METHOD_NOT_ALLOWED' } })
    expect(answer.headers.get('allow')).toContain('GET')
  }
})

test('what is no id of a connector or a resource type answers 400', async () => {
  for (const id of ['a%00b', '-x', 'a%20b', '%F0%9F%90%B8', 'a%2Fb', 'x'.repeat(65)]) {
    expect(await api.call(`GET /connectors/${id}/sync-config/user`)).toMatchObject({
      status: 400,
      body: { code: 'REQUEST_INVALID' },
    })
  }
  for (const type of ['User', '1', 'a%00', 'constructor.prototype', '__proto__']) {
    expect((await api.call(`GET /connectors/acme/sync-config/${type}`)).status).toBe(400)
  }
})

test('an unknown parameter or field is reported with the names that exist', async () => {
  const detailOf = async (...call: Parameters<ServedApi['call']>): Promise<string> => {
    const { status, body } = await api.call(...call)
    expect(status).toBe(400)
    return (body as { readonly errors: readonly { readonly detail: string }[] }).errors[0]?.detail ?? ''
  }
  expect(await detailOf('GET /connectors/acme/runs?resourceType=user')).toBe(
    'Unrecognized key: "resourceType". Names that exist: type, status, page, pageSize, after',
  )
  const change = await detailOf('PUT /connectors/acme/sync-config/user', { body: { cron: '* * * * *' } })
  expect(change).toMatch(
    /^Unrecognized key: "cron". Names that exist: enabled, .*cronSchedule, .*removalGuard$/,
  )
  const decision = await detailOf('POST /connectors/acme/sync-matches/1/resolve', {
    body: { action: 'skip', note: 'x' },
  })
  expect(decision).toMatch(/^Unrecognized key: "note". Names that exist: action, .*notes$/)
})

test('a parameter that the route does not know, or one too many, answers 400', async () => {
  for (const query of ['?x=1', '?__proto__=1', '?a', '?%ff', '?a%00=1']) {
    expect(await api.call(own + query)).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } })
  }
})
