import { type RouteName, routes } from '@syncline/http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type EveryRoute, routeNames, samples, serveEveryRoute } from './every-route.ts'
import type { Answer } from './serve-api.ts'

/** Method and path of everything that the server answers below the API, as Fastify has it. */
const live: string[] = []
let api: EveryRoute

beforeAll(async () => {
  api = await serveEveryRoute({
    prepare(app) {
      app.addHook('onRoute', ({ method, url }) => {
        for (const one of [method].flat()) live.push(`${one} ${url}`)
      })
    },
  })
})
afterAll(() => api.close())

/** Who calls; `bad` holds a token that nobody gave out. */
const callers = ['none', 'bad', 'nobody', 'reader', 'manager', 'elsewhere'] as const
type Caller = (typeof callers)[number]
const connectors = { own: 'acme', foreign: 'other', unknown: 'nobody' } as const

const ask = (caller: Caller, what: string, body?: unknown): Promise<Answer> =>
  api.call(what, {
    token: caller === 'bad' ? 'none' : caller,
    headers: caller === 'bad' ? { authorization: 'Bearer somebody' } : {},
    ...(body !== undefined && { body }),
  })

/** What a cell of the matrix answers: the exact status. */
function expectedStatus(name: RouteName, caller: Caller, connectorId: string): number {
  const { permission } = routes[name]
  if (permission === 'signature') return 401
  if (caller === 'none' || caller === 'bad') return 401
  if (caller === 'nobody') return 403
  if (caller === 'reader' && permission === 'connector:manage') return 403
  const reachable = caller === 'elsewhere' ? 'other' : 'acme'
  return connectorId === reachable ? samples[name].status : 404
}

test('the live table holds the routes of the API and nothing else', () => {
  const expected = Object.values(routes).map(({ method, path }) => `${method} /api${path}`)
  const answered405 = new Set(Object.values(routes).map(({ path }) => `/api${path}`))
  const own = live.filter((route) => expected.includes(route))
  expect(own.toSorted()).toEqual(expected.toSorted())
  for (const route of live.filter((one) => !expected.includes(one))) {
    const [method = '', url = ''] = route.split(' ')
    // HEAD of what takes GET, and other methods of the same paths, which answer 405: see below.
    expect(answered405.has(url), route).toBe(true)
    expect(['HEAD', 'GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'], route).toContain(method)
  }
})

describe.each(routeNames)('%s', (name) => {
  const { method, permission } = routes[name]
  const cells = callers.flatMap((caller) =>
    Object.entries(connectors).map(([whose, connectorId]) => ({ caller, whose, connectorId })),
  )

  test.each(cells)('$caller asking for the $whose connector', async ({ caller, connectorId }) => {
    await api.restore()
    const before = await api.state()
    const answer = await ask(
      caller,
      `${method} ${api.pathOf(name, connectorId)}`,
      api.bodyOf(name, connectorId),
    )
    const status = expectedStatus(name, caller, connectorId)
    expect(answer.status, answer.text).toBe(status)
    if (status === samples[name].status && samples[name].code) {
      expect(answer.body).toMatchObject({ code: samples[name].code })
    }
    // No answer of another tenant's holds a word of it.
    if (caller !== 'elsewhere') expect(answer.text).not.toContain('"other"')
    else expect(answer.text).not.toContain('"acme"')
    if (status >= 400) expect(await api.state()).toBe(before)
  })

  const shown = ({ status, headers, text }: Answer): unknown => ({
    status,
    text,
    headers: [...headers].filter(([field]) => field !== 'date' && field !== 'x-request-id'),
  })

  test('a foreign and an unknown connector answer alike, byte for byte', async () => {
    for (const caller of callers) {
      const [foreign, unknown] =
        caller === 'elsewhere' ? ['acme', 'nobody'] : [connectors.foreign, connectors.unknown]
      const [first, second] = await Promise.all(
        [foreign, unknown].map((connectorId) =>
          ask(caller, `${method} ${api.pathOf(name, connectorId)}`, api.bodyOf(name, connectorId)),
        ),
      )
      expect(first && shown(first), caller).toEqual(second && shown(second))
    }
  })

  const own = /:(runId|matchId)/.exec(routes[name].path)?.[1]
  test.skipIf(own === undefined)(
    'an id of another tenant under the own connector answers as one that nobody has, byte for byte',
    async () => {
      const { runId, matchId } = api.fixtureOf('other')
      const before = await api.state()
      const path = api.pathOf(name, 'acme')
      const { [own as 'runId' | 'matchId']: ownId } = api.fixtureOf('acme')
      const answers = [runId, matchId, '0198b0d0-0000-7000-8000-000000000000'].map(async (id) =>
        shown(await ask('manager', `${method} ${path.replace(ownId, id)}`, api.bodyOf(name, 'acme'))),
      )
      const [foreignRun, foreignMatch, unknown] = await Promise.all(answers)
      expect(unknown).toMatchObject({ status: 404 })
      expect([foreignRun, foreignMatch]).toEqual([unknown, unknown])
      expect(await api.state()).toBe(before)
    },
  )

  test('other methods and other spellings of the path open nothing', async () => {
    const path = api.pathOf(name, 'acme')
    const [bare = '', query] = path.split('?')
    const spelled = (spelling: string): string => (query ? `${spelling}?${query}` : spelling)
    const taken = Object.values(routes)
      .filter((route) => route.path === routes[name].path)
      .map((route): string => route.method)
    const before = await api.state()
    for (const caller of callers) {
      for (const other of ['PATCH', 'OPTIONS', 'PUT', 'POST', 'DELETE', 'GET']) {
        if (taken.includes(other)) continue
        expect((await ask(caller, `${other} ${path}`)).status, `${other} ${path}`).toBe(405)
      }
      const head = await ask(caller, `HEAD ${path}`)
      const isRead = taken.includes('GET')
      const asGet = (await ask(caller, `GET ${path}`)).status
      expect([head.status, head.text], `HEAD ${path}`).toEqual([isRead ? asGet : 405, ''])
      for (const spelling of [
        `${bare}/`,
        bare.replace('/connectors', '//connectors'),
        `${bare}//`,
        `${bare}%2F`,
      ]) {
        const answer = await ask(caller, `${method} ${spelled(spelling)}`, api.bodyOf(name, 'acme'))
        // `%2F` may end in a parameter, where it is no part of an id.
        expect([400, 401, 403, 404], `${method} ${spelling} as ${caller}`).toContain(answer.status)
        if (caller === 'manager') expect([400, 401, 404], spelling).toContain(answer.status)
      }
    }
    if (permission !== 'signature') expect(await api.state()).toBe(before)
  })
})
