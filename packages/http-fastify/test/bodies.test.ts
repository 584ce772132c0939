import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServedApi, serveApi } from './serve-api.ts'

let api: ServedApi
beforeAll(async () => {
  api = await serveApi({ work: false })
})
afterAll(() => api.close())

const put = 'PUT /connectors/acme/sync-config/user'
const invalid = { status: 400, body: { code: 'REQUEST_INVALID' } }

test.each([
  ['NUL in a text', String.raw`{"cronTimeZone":"a\u0000"}`],
  ['NUL in a name', String.raw`{"createUserDefaults":{"a\u0000":1}}`],
  ['half of a surrogate pair in a text', String.raw`{"createUserDefaults":{"a":"\ud800"}}`],
  ['half of a surrogate pair in a name', String.raw`{"createUserDefaults":{"\udc00":1}}`],
  ['__proto__', '{"__proto__":{"enabled":true}}'],
  ['__proto__ deeper down', '{"createUserDefaults":{"a":{"__proto__":1}}}'],
  ['constructor.prototype', '{"createUserDefaults":{"constructor":{"prototype":{}}}}'],
  ['nothing', ''],
  ['half a document', '{"enabled":'],
  ['two documents', '{}{}'],
  ['a byte order mark', '\ufeff{}'],
  ['not UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ['65 levels', `{"createUserDefaults":${'['.repeat(64)}${']'.repeat(64)}}`],
  ['a million levels', '['.repeat(500_000) + ']'.repeat(500_000)],
])('a body with %s answers 400', async (_name, body) => {
  expect(await api.call(put, { body })).toMatchObject(invalid)
})

test('brackets within texts are no levels', async () => {
  const body = JSON.stringify({ createUserDefaults: { a: '[{"'.repeat(100), 'b\\"[': 1 } })
  expect((await api.call(put, { body })).status).toBeLessThan(300)
})

test('a body over 1 MiB answers 413, whether or not it says so before', async () => {
  const body = JSON.stringify({ createUserDefaults: { a: 'x'.repeat(1_048_576) } })
  expect(await api.call(put, { body })).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE' } })
  const { hostname, port } = new URL(api.url)
  const socket = connect(Number(port), hostname)
  socket.write(
    `${put.replace('/connectors', '/api/connectors')} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer manager\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
  )
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
  const answered = new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))))
  socket.on('error', () => {})
  for (let sent = 0; sent < 20; sent++) socket.write(chunk)
  expect(await answered).toMatch(/^HTTP\/1.1 413 /)
  socket.destroy()
})

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/vnd.api+json',
  'application/jsonx',
  'application/json;',
  'application/json; charset=latin1',
  'application/json; charset=utf-8; x=1',
  'application/json\tfoo',
  'application/json, text/plain',
  ';',
])('content type %j answers 415 or 400', async (type) => {
  const answer = await api.call(put, { headers: { 'content-type': type }, body: '{"pageSize":5}' })
  expect([400, 415]).toContain(answer.status)
})

test.each([
  'application/json',
  'APPLICATION/JSON',
  'application/json; charset=utf-8',
  'application/json;charset="UTF-8"',
])('content type %j is read, and checked', async (type) => {
  const send = (body: string) => api.call(put, { headers: { 'content-type': type }, body })
  expect((await send('{"pageSize":5}')).status).toBeLessThan(300)
  expect(await send('{"pageSize":"5"}')).toMatchObject(invalid)
})

test('a body that is compressed answers 415', async () => {
  const answer = await api.call(put, { headers: { 'content-encoding': 'gzip' }, body: '{}' })
  expect(answer).toMatchObject({ status: 415, body: { code: 'MEDIA_TYPE_UNSUPPORTED' } })
})

test('a body where none is taken answers 400', async () => {
  expect(await api.call('DELETE /connectors/acme/sync-config/user', { body: { a: 1 } })).toMatchObject(
    invalid,
  )
})

test('an answer to a bad request says where, and at most ten things', async () => {
  const body = Object.fromEntries(Array.from({ length: 30 }, (_, place) => [`x${place}`.padEnd(500, 'y'), 1]))
  const answer = await api.call(put, {
    body: { ...body, pageSize: '1', removalGuard: { minRows: -1, percent: 5 } },
  })
  expect(answer).toMatchObject(invalid)
  const { errors } = answer.body as { errors: { in: string; pointer: string }[] }
  expect(errors.length).toBeLessThanOrEqual(10)
  expect(errors).toContainEqual(expect.objectContaining({ in: 'body', pointer: '/removalGuard/minRows' }))
  expect(answer.text.length).toBeLessThan(4_000)
})
