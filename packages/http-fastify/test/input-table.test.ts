import { openApiDocument, type RouteName, routes } from '@syncline/http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type EveryRoute, routeNames, samples, serveEveryRoute } from './every-route.ts'

const document = openApiDocument()
let api: EveryRoute
beforeAll(async () => {
  api = await serveEveryRoute()
})
afterAll(() => api.close())

interface Operation {
  readonly parameters?: readonly { readonly in: string; readonly name: string }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
}
interface Schema {
  readonly $ref?: string
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, object>>
}

const operationOf = (name: RouteName): Operation => {
  const { method, path } = routes[name]
  const template = path.replaceAll(/:(\w+)/g, '{$1}')
  return document.paths[template]?.[method.toLowerCase()] ?? {}
}

/** Names of the fields that a route's body may have. */
function fieldsOf(schema: Schema | undefined): readonly string[] {
  const at = schema?.$ref
    ?.slice(2)
    .split('/')
    .reduce<unknown>((value, part) => (value as Record<string, unknown>)[part], document)
  const found = (at ?? schema ?? {}) as Schema
  return [...Object.keys(found.properties ?? {}), ...(found.anyOf ?? []).flatMap((one) => fieldsOf(one))]
}

/** Percent-encoded: as a path or a query may hold it. */
const encodedTexts: readonly (readonly [string, string])[] = [
  ['NUL', 'a%00b'],
  ['half of a surrogate pair', '%ED%A0%80'],
  ['bytes that are no UTF-8', '%FF'],
  ['an encoded dot segment', '%2E%2E'],
  ['an encoded way up', '..%2F..%2Fetc%2Fpasswd'],
  ['a quote and a comment', "'%3B--"],
  ['10,000 characters', 'x'.repeat(10_000)],
]

const bodies: readonly (readonly [string, string])[] = [
  ['NUL in a name', String.raw`{"a\u0000":1}`],
  ['half of a surrogate pair in a name', String.raw`{"\ud800":1}`],
  ['__proto__', '{"__proto__":{"enabled":true}}'],
  ['constructor.prototype', '{"constructor":{"prototype":{"enabled":true}}}'],
  ['an unknown field', '{"unheardOf":1}'],
  ['a list for an object', '[{}]'],
  ['a text for an object', '"{}"'],
  ['null for an object', 'null'],
  ['a million levels', '['.repeat(500_000) + ']'.repeat(500_000)],
  ['half a document', '{"a":'],
]
const contentTypes = [
  'text/plain',
  'application/vnd.api+json',
  'application/json;',
  'application/json\tx',
  ';',
]

/** Objects of the host's own making: any JSON is of their type. */
const freeFields = ['createUserDefaults']

describe.each(routeNames)('%s', (name) => {
  const operation = operationOf(name)
  const asked = (operation.parameters ?? []).filter((one) => one.in === 'query').map((one) => one.name)
  const isSigned = routes[name].permission === 'signature'

  /** Sends the sample with something else in it, and expects one of these; whoever has not signed may be told so. */
  async function expectStatus(
    statuses: readonly number[],
    path: string,
    call: Parameters<EveryRoute['call']>[1] = {},
  ): Promise<void> {
    const answer = await api.call(`${routes[name].method} ${path}`, call)
    expect(isSigned ? [...statuses, 401] : statuses, `${path.slice(0, 200)}: ${answer.text}`).toContain(
      answer.status,
    )
  }
  const sample = (): string => api.pathOf(name, 'acme')
  const sampleBody = () => ({ body: api.bodyOf(name, 'acme') })
  const asking = (query: string): string => `${sample().split('?')[0]}?${query}`
  const byType = asked.includes('type') ? '&type=user' : ''

  test.each(encodedTexts)('%s in a path answers 400, 404 or 414', async (_what, text) => {
    const segments = (sample().split('?')[0] ?? '').split('/')
    const places = routes[name].path
      .split('/')
      .flatMap((part, place) => (part.startsWith(':') ? [place] : []))
    const before = await api.state()
    for (const place of places) {
      await expectStatus([400, 404, 414], segments.with(place, text).join('/'), sampleBody())
    }
    expect(await api.state()).toBe(before)
  })

  test('an unknown or repeated member of a query answers 400', async () => {
    const before = await api.state()
    for (const query of ['unheardOf=1', '__proto__=1', ...asked.map((one) => `${one}=user&${one}=user`)]) {
      await expectStatus([400], asking(query), sampleBody())
    }
    expect(await api.state()).toBe(before)
  })

  if (asked.length > 0) {
    test.each(encodedTexts.slice(0, 3))('%s in a query answers 400', async (_what, text) => {
      for (const one of asked) await expectStatus([400], asking(`${one}=${text}`))
    })
  }

  if (asked.includes('pageSize')) {
    const sizes = ['0', '-1', '1e3', '0x10', '10.5', '', '%2B1', '100001', 'NaN', '%201']
    test.each(sizes)('a page or page size of "%s" answers 400', async (size) => {
      for (const one of ['pageSize', 'page']) await expectStatus([400], asking(`${one}=${size}${byType}`))
    })

    test('a forged cursor, and one of another connector, answer 400', async () => {
      const foreign = await api.call(`GET ${api.pathOf(name, 'other').split('?')[0]}?pageSize=1${byType}`, {
        token: 'elsewhere',
      })
      const { nextCursor } = foreign.body as { readonly nextCursor: string | null }
      for (const cursor of ['x', 'e30', '%00', ...(nextCursor === null ? [] : [nextCursor])]) {
        await expectStatus([400], asking(`after=${cursor}${byType}`))
      }
    })
  }

  if (asked.includes('search')) {
    test('a search takes every character as itself', async () => {
      for (const term of ['%', '_', '\\', "'", '--', '\u202e', "' or 1=1 --"]) {
        const answer = await api.call(`GET ${asking(`search=${encodeURIComponent(term)}${byType}`)}`)
        expect([answer.status, (answer.body as { readonly data: unknown }).data], term).toEqual([200, []])
      }
      await expectStatus([400], asking(`search=${'x'.repeat(10_000)}`))
    })
  }

  const taken = operation.requestBody?.content['application/json']?.schema
  if (taken) {
    test.each(bodies)('a body with %s answers 400, or 413 where it is too long', async (_what, body) => {
      const before = await api.state()
      await expectStatus([400, 413], sample(), { body })
      expect(await api.state()).toBe(before)
    })

    test('a field of another type answers 400: nothing is made of it', async () => {
      const before = await api.state()
      const good = api.bodyOf(name, 'acme') ?? {}
      for (const field of fieldsOf(taken).filter((each) => !freeFields.includes(each))) {
        for (const value of [['x'], { $ne: null }, 'a\0b', '\ud800']) {
          await expectStatus([400], sample(), { body: { ...good, [field]: value } })
        }
      }
      expect(await api.state()).toBe(before)
    })

    test.each(contentTypes)('a body of type %j answers 400 or 415', async (type) => {
      const body = JSON.stringify(api.bodyOf(name, 'acme') ?? {})
      await expectStatus([400, 415], sample(), { headers: { 'content-type': type }, body })
    })

    test('a body of more than a MiB answers 413', async () => {
      await expectStatus([413], sample(), { body: `{"a":"${'x'.repeat(1_048_576)}"}` })
    })
  }

  test('answers as ever afterwards', async () => {
    await api.restore()
    const answer = await api.call(`${routes[name].method} ${sample()}`, sampleBody())
    expect(answer.status).toBe(samples[name].status)
  })
})
