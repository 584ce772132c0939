import { Validator } from '@seriousme/openapi-schema-validator'
import { type OpenApiDocument, openApiDocument, routes } from '@syncline/http'
import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { holdToDocument } from './hold-to-document.ts'
import { type ServedApi, serveApi } from './serve-api.ts'

const operationsOf = ({ paths }: OpenApiDocument) =>
  Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ path, method, operation })),
  )

test('the document is OpenAPI 3.1, and every reference of it leads somewhere', async () => {
  const document = openApiDocument()
  const validator = new Validator()
  expect(await validator.validate(JSON.parse(JSON.stringify(document)))).toEqual({ valid: true })
  expect(validator.version).toBe('3.1')
  const names = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(
    ([, name]) => name,
  )
  expect(names.length).toBeGreaterThan(0)
  for (const name of names) expect(document.components.schemas).toHaveProperty([name ?? ''])
})

test('it has every route, once, with its permission and an answer for whoever is not let in', () => {
  const operations = operationsOf(openApiDocument())
  expect(operations.map(({ operation }) => String(operation.operationId)).toSorted()).toEqual(
    Object.keys(routes).toSorted(),
  )
  for (const { operation } of operations) {
    const signed = operation['x-permission'] === 'signature'
    expect(operation.security).toEqual(signed ? [] : [{ bearer: [] }])
    expect(operation.responses).toHaveProperty('404')
    expect(operation.responses).toHaveProperty('default')
    if (!signed) expect(operation.responses).toMatchObject({ 401: {}, 403: {} })
  }
})

test('the conflicts and failures of a run are declared with their codes', () => {
  const { paths } = openApiDocument()
  const responses = (path: string) =>
    paths[`/connectors/{connectorId}${path}`]?.post?.responses as Record<string, { description?: string }>
  const trigger = responses('/sync-config/{resourceType}/trigger')
  expect(trigger[409]?.description).toContain('`SYNC_ALREADY_RUNNING`')
  expect(Object.keys(trigger)).toEqual(expect.arrayContaining(['409', '413', '415', '422', '502', '504']))
  expect(responses('/runs/{runId}/approve')[409]?.description).toContain('`RUN_NOT_GUARDED`')
  expect(responses('/runs/{runId}/cancel')[409]?.description).toContain('`RUN_ENDED`')
})

test('no schema of a body lets unknown members pass', () => {
  for (const { operation } of operationsOf(openApiDocument())) {
    const { $ref = '' } =
      (operation.requestBody as { content?: Record<string, { schema: { $ref?: string } }> })?.content?.[
        'application/json'
      ]?.schema ?? {}
    const schema = openApiDocument().components.schemas[$ref.split('/').at(-1) ?? '']
    if (schema?.type === 'object') expect(schema).toMatchObject({ additionalProperties: false })
  }
})

test('it is served where the host wants it, and says where the API is', async () => {
  const api: ServedApi = await serveApi({
    work: false,
    plugin: { basePath: '/v2/sync', openApi: { path: '/docs.json', title: 'Acme' } },
  })
  try {
    const answer = await fetch(`${api.url}/v2/sync/docs.json`)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'Acme' },
      servers: [{ url: '/v2/sync' }],
    })
    expect((await fetch(`${api.url}/v2/sync/openapi.json`)).status).toBe(404)
  } finally {
    await api.close()
  }
})

test('an answer that is not as the document says is found', async () => {
  const app = Fastify()
  const held = holdToDocument(app)
  app.get('/api/connectors/:connectorId/sync-config', async () => ({ data: [{ connectorId: 'acme' }] }))
  await app.inject('/api/connectors/acme/sync-config')
  expect(held.verify).toThrow(/resourceType/)
  const other = Fastify()
  const heldToo = holdToDocument(other)
  other.get('/api/connectors/:connectorId/runs', async (_request, reply) =>
    reply.code(404).send({ message: 'no' }),
  )
  await other.inject('/api/connectors/acme/runs')
  expect(heldToo.verify).toThrow(/application\/problem\+json/)
})
