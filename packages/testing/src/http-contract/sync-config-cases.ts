import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { itemsOf, objectOf, requireInstant, textOf } from './call-api.ts'
import { contractCases } from './cases.ts'
import { type ContractStage, foreign, own, record } from './stage.ts'
import type { HttpContractSuite } from './suite.ts'

const path = '/sync-config/user'

/** What a config has where nothing else was said. */
const defaults = {
  enabled: false,
  strategy: 'full',
  cronSchedule: null,
  cronTimeZone: null,
  filterRules: null,
  staleRetention: '7d',
  attributeMappings: null,
  userMatchStrategy: 'email',
  userMatchFallbackStrategies: null,
  issuerSourcePath: null,
  postSyncWorkflowId: null,
  syncTriggerMode: 'none',
  createUsers: false,
  deactivateUsers: false,
  createUserDefaults: null,
  deactivationGuard: { minUsers: 10, percent: 20 },
  volatilePaths: [],
  pageSize: 500,
  removalGuard: { minRows: 10, percent: 20 },
}

/** The documented request, with every field of it. */
const documented = {
  enabled: true,
  strategy: 'full',
  cronSchedule: '0 */6 * * *',
  filterRules: { groupNamePattern: 'proj-*' },
  staleRetention: '7d',
  userMatchStrategy: 'email_and_issuer',
  issuerSourcePath: 'attributes.identityIssuer',
  userMatchFallbackStrategies: ['email'],
  attributeMappings: [
    {
      sourcePath: 'attributes.department',
      targetField: 'department',
      writeMode: 'overwrite_if_empty',
      enabled: true,
    },
    { sourcePath: 'displayName', targetField: 'title', writeMode: 'overwrite_always', enabled: true },
  ],
  createUsers: false,
  deactivateUsers: false,
  createUserDefaults: { location: 'Remote' },
  postSyncWorkflowId: null,
  syncTriggerMode: 'none',
}

const put = (stage: ContractStage, body: unknown, type = 'user') =>
  stage.call('PUT', `/connectors/${own}/sync-config/${type}`, { body })

export function testSyncConfigs(suite: HttpContractSuite): void {
  contractCases(suite, 'sync-config', (test) => {
    test('PUT takes the documented request and answers it, field by field', async (stage) => {
      const answer = await put(stage, documented)
      equal(answer.status, 201)
      match(answer.headers.get('location') ?? '', /\/connectors\/acme\/sync-config\/user$/)
      const { createdAt, updatedAt, ...shown } = answer.body
      deepEqual(shown, { connectorId: own, resourceType: 'user', ...defaults, ...documented })
      for (const instant of [createdAt, updatedAt]) requireInstant(instant)
      deepEqual((await stage.get(path, { as: 'reader' })).body, answer.body)
    })

    test('PUT of nothing creates with the documented defaults', async (stage) => {
      const { createdAt, updatedAt, ...shown } = (await put(stage, {})).body
      deepEqual(shown, { connectorId: own, resourceType: 'user', ...defaults })
      for (const instant of [createdAt, updatedAt]) requireInstant(instant)
    })

    test('PUT of an existing one changes the fields that it has, and no other', async (stage) => {
      await put(stage, documented)
      const answer = await put(stage, { staleRetention: '24h', filterRules: null })
      equal(answer.status, 200)
      const { createdAt: _created, updatedAt: _updated, ...shown } = answer.body
      deepEqual(shown, {
        connectorId: own,
        resourceType: 'user',
        ...defaults,
        ...documented,
        staleRetention: '24h',
        filterRules: null,
      })
    })

    test('PUT with a schedule says when it runs next; DELETE removes both', async (stage) => {
      await put(stage, documented)
      const status = (await stage.get(`${path}/status`)).body
      requireInstant(status.nextRunAt)
      const removed = await stage.call('DELETE', `/connectors/${own}${path}`)
      deepEqual([removed.status, removed.text], [204, ''])
      for (const gone of [path, `${path}/status`]) equal((await stage.get(gone)).status, 404)
      equal((await stage.call('DELETE', `/connectors/${own}${path}`)).status, 404)
      equal(await stage.syncline.configs.get({ connectorId: own, resourceType: 'user' }), undefined)
    })

    test('GET lists those of the connector, in order of their types', async (stage) => {
      deepEqual(itemsOf(await stage.get('/sync-config', { as: 'reader' })), [])
      const user = await put(stage, documented)
      const group = await put(stage, {}, 'group')
      await stage.syncline.configs.save({ connectorId: foreign, resourceType: 'device' })
      const listed = (await stage.get('/sync-config')).body
      const whole = { total: 2, totalIsExact: true, page: 1, pageSize: 20, totalPages: 1, nextCursor: null }
      deepEqual(listed, { data: [group.body, user.body], ...whole })
      const first = (await stage.get('/sync-config?pageSize=1')).body
      deepEqual([first.data, first.totalPages], [[group.body], 2])
      const second = (await stage.get(`/sync-config?pageSize=1&after=${textOf(first.nextCursor)}`)).body
      deepEqual(second, { data: [user.body], pageSize: 1, nextCursor: null })
    })

    test('a change that was decided on older settings answers 412 and changes nothing', async (stage) => {
      const first = await put(stage, {})
      const second = await put(stage, { pageSize: 7 })
      const [old, present] = [first, second].map(({ headers }) => headers.get('etag') ?? '')
      notEqual(old, present)
      const change = (tag = '') =>
        stage.call('PUT', `/connectors/${own}${path}`, {
          body: { pageSize: 8 },
          headers: { 'if-match': tag },
        })
      const refused = await change(old)
      deepEqual([refused.status, refused.body.code], [412, 'PRECONDITION_FAILED'])
      deepEqual((await stage.get(path)).body, second.body)
      equal((await change(present)).status, 200)
    })

    test('connector:read may look and not touch', async (stage) => {
      await put(stage, {})
      for (const read of ['/sync-config', path, `${path}/status`]) {
        equal((await stage.get(read, { as: 'reader' })).status, 200)
      }
      const changes = [
        await stage.call('PUT', `/connectors/${own}${path}`, { as: 'reader', body: {} }),
        await stage.call('DELETE', `/connectors/${own}${path}`, { as: 'reader' }),
        await stage.post(`${path}/trigger`, { as: 'reader' }),
        await stage.call('DELETE', `/connectors/${own}/cache`, { as: 'reader' }),
      ]
      deepEqual(
        changes.map((answer) => [answer.status, answer.body.code]),
        changes.map(() => [403, 'FORBIDDEN']),
      )
    })
  })

  contractCases(suite, 'sync-config status', (test) => {
    test('answers the last status, error and statistics, without the configuration', async (stage) => {
      await put(stage, documented)
      await stage.sync('user', [record('1'), record('2')])
      const status = (await stage.get(`${path}/status`, { as: 'reader' })).body
      equal(status.lastSyncStatus, 'success')
      requireInstant(status.lastSyncAt)
      equal(status.lastSyncError, null)
      ok(typeof status.lastSyncStats === 'object' && status.lastSyncStats !== null)
      for (const setting of Object.keys(defaults)) equal(setting in status, false)
    })
  })

  contractCases(suite, 'sync-config trigger', (test) => {
    test('answers the documented message and statistics on completion, field by field', async (stage) => {
      const before = Array.from({ length: 488 }, (_, place) => record(String(place)))
      await stage.sync('user', before)
      const changed = before.map((item, place) => (place < 3 ? { ...item, displayName: 'New name' } : item))
      const added = Array.from({ length: 12 }, (_, place) => record(`new-${place}`))
      stage.connector.script('user', [[...changed, ...added]])
      await stage.syncline.start()
      const answer = await stage.post(`${path}/trigger`)
      equal(answer.status, 200)
      const { message, stats } = answer.body
      const { durationMs, ...counts } = objectOf(stats)
      ok(typeof durationMs === 'number' && durationMs >= 0)
      deepEqual(
        [message, counts, Object.keys(answer.body)],
        [
          'Sync completed',
          {
            added: 12,
            updated: 3,
            staled: 0,
            unchanged: 485,
            removed: 0,
            pagesProcessed: 1,
            totalUpstreamRecords: 500,
            restored: 0,
            excluded: 0,
            quarantined: 0,
          },
          ['message', 'stats'],
        ],
      )
    })

    test('with Prefer: respond-async answers at once where the run is, and while it is there 409 with its id', async (stage) => {
      const accepted = await stage.post(`${path}/trigger`, { headers: { prefer: 'respond-async' } })
      equal(accepted.status, 202)
      equal(accepted.headers.get('preference-applied'), 'respond-async')
      const runId = textOf(accepted.body.runId)
      match(accepted.headers.get('location') ?? '', new RegExp(`/connectors/acme/runs/${runId}$`))
      equal((await stage.get(`/runs/${runId}`)).status, 200)
      const busy = await stage.post(`${path}/trigger`)
      equal(busy.status, 409)
      deepEqual([busy.body.code, busy.body.runId], ['SYNC_ALREADY_RUNNING', runId])
    })

    test('attempts with one Idempotency-Key are about one run', async (stage) => {
      const headers = { prefer: 'respond-async', 'idempotency-key': 'k-1' }
      const [first, second] = await Promise.all([
        stage.post(`${path}/trigger`, { headers }),
        stage.post(`${path}/trigger`, { headers }),
      ])
      deepEqual([first.status, second.status], [202, 202])
      equal(first.body.runId, second.body.runId)
      equal((await stage.syncline.runs.list({ connectorId: own })).length, 1)
      const other = await stage.post(`${path}/trigger`, { headers, body: { mode: 'full' } })
      deepEqual([other.status, other.body.code], [422, 'IDEMPOTENCY_KEY_REUSED'])
    })
  })

  contractCases(suite, 'cache', (test) => {
    test('DELETE forgets looked-up resources: of the connector, of a type, one', async (stage) => {
      for (const query of ['', '?type=user', '?type=user&externalId=1']) {
        const answer = await stage.call('DELETE', `/connectors/${own}/cache${query}`)
        deepEqual([answer.status, answer.body], [200, { cleared: true }])
      }
    })
  })
}
