import { createSyncline, defineConnector, SyncError } from '@syncline/core'
import { memoryStore } from '@syncline/core/memory'
import { chaosStore, pagesOf } from '@syncline/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { people, person, type Stage, setStage, users } from './stage.ts'

interface Line {
  readonly level: string
  readonly message: string
  readonly fields: Record<string, unknown>
}

/** A process on the store of a stage that logs. */
function logged(stage: Stage, options: object = {}) {
  const lines: Line[] = []
  const log = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, message, fields: { ...fields } })
  const syncline = createSyncline({
    store: stage.store,
    connectorTypes: [stage.connector],
    clock: stage.clock,
    random: () => 1,
    onEvent: stage.sink.onEvent,
    logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    ...options,
  })
  return { syncline, lines, ended: () => lines.filter(({ message }) => message.startsWith('run ended')) }
}

describe('the log line of a run that ended', () => {
  test('names tenant, connector, resource type, run and counters, at info for a success', async () => {
    const { syncline, lines, ended } = logged(await setStage([people(2)]))
    const { runId, stats } = await syncline.sync(users)
    const fields = { tenantId: 'default', ...users, runId }
    expect(ended()).toEqual([
      { level: 'info', message: 'run ended: success', fields: { ...fields, status: 'success', stats } },
    ])
    expect(lines[0]).toMatchObject({ level: 'debug', message: 'run started', fields })
  })

  test('is a warning for a run that stopped on purpose, was guarded or timed out', async () => {
    const partial = logged(await setStage(pagesOf(people(4), 2)), { limits: { maxPages: 1 } })
    await partial.syncline.sync(users)
    expect(partial.ended()).toMatchObject([{ level: 'warn', fields: { status: 'partial' } }])

    const stage = await setStage([people(30)])
    const guarded = logged(stage)
    await guarded.syncline.sync(users)
    stage.connector.script('user', [[]])
    await guarded.syncline.sync(users)
    expect(guarded.ended()[1]).toMatchObject({
      level: 'warn',
      fields: { status: 'guarded', guard: { reason: 'nothing_seen' }, error: { code: 'REMOVAL_GUARDED' } },
    })

    const slow = logged(await setStage([{ delayMs: 60_000 }]), { limits: { runTimeoutMs: 30_000 } })
    await slow.syncline.sync(users)
    expect(slow.ended()).toMatchObject([{ level: 'warn', fields: { status: 'timeout' } }])
  })

  test('is an error with the stack of what the connector threw, and of its causes', async () => {
    const acme = defineConnector({
      type: 'scripted',
      displayName: 'Acme',
      configSchema: z.unknown(),
      resourceTypes: {
        user: {
          async list() {
            throw new TypeError('cannot read map', { cause: new RangeError('the root of it') })
          },
        },
      },
    })
    const { syncline, ended } = logged(await setStage([]), { connectorTypes: [acme] })
    await syncline.sync(users)
    const [line] = ended()
    expect(line).toMatchObject({ level: 'error', fields: { error: { code: 'CONNECTOR_FAILED' } } })
    expect(line?.fields.stack).toContain('TypeError: cannot read map')
    expect(line?.fields.stack).toContain('observability.test.ts')
    expect(line?.fields.stack).toContain('Caused by: RangeError: the root of it')
  })

  test('of a run whose process died is written by the run that replaces it', async () => {
    const stage = await setStage(pagesOf(people(4), 2))
    const fault = { kind: 'cut', method: 'resources.commitPage', call: 1, when: 'after' } as const
    const dying = logged(stage, { store: chaosStore(stage.store, fault).store })
    await expect(dying.syncline.sync(users)).rejects.toThrow('dead')
    await stage.clock.advance(31_000)
    const { syncline, lines } = logged(stage)
    const run = await syncline.sync(users)
    expect(lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { message: 'run abandoned by its process', fields: { runId: run.resumedFrom } },
    ])
  })
})

describe('records that were put into quarantine', () => {
  test('are announced and logged once a run, by reason, with five ids', async () => {
    const bad = Array.from({ length: 8 }, (_, id) => person(id, { displayName: '\u0000' }))
    const stage = await setStage(pagesOf([...bad, person(9, { externalId: '' }), person(10)], 3))
    const { syncline, lines } = logged(stage)
    const { runId } = await syncline.sync(users)
    const facts = {
      count: 9,
      reasons: { NUL_CHARACTER: 8, INVALID_SHAPE: 1 },
      examples: ['u0', 'u1', 'u2', 'u3', 'u4'],
    }
    expect(stage.sink.of('quarantine.added')).toEqual([
      { kind: 'quarantine.added', tenantId: 'default', ...users, runId, at: expect.any(Date), ...facts },
    ])
    expect(lines.filter(({ level }) => level === 'warn')).toEqual([
      {
        level: 'warn',
        message: 'records were put into quarantine',
        fields: { tenantId: 'default', ...users, runId, ...facts },
      },
    ])
  })
})

describe('every event of a run', () => {
  test('names the tenant', async () => {
    const stage = await setStage([people(1)])
    await stage.syncline.connectors.save({ connectorId: 'north', tenantId: 'north', type: 'scripted' })
    await stage.syncline.sync({ connectorId: 'north', resourceType: 'user' })
    expect(stage.sink.events.map((event) => event.tenantId)).toEqual(['north', 'north', 'north'])
  })
})

describe('a removal guard that a filter trips', () => {
  test('names the filter, and does not say that the resources were not listed', async () => {
    const stage = await setStage([people(30)])
    await stage.syncline.sync(users)
    await stage.syncline.configs.save({ ...users, filterRules: { emailDomains: ['other.example'] } })
    const { error } = await stage.syncline.sync(users)
    expect(error?.message).toBe(
      '30 of 30 live resources were not listed, or were listed and excluded by the filter rules (emailDomains), which left out 30 records, more than the 10 a run may mark stale unasked; approve the run or let the next one decide',
    )
    expect(error?.details).toEqual({ excluded: 30 })
  })
})

describe('start()', () => {
  const startOver = (code: 'STORE_FAILED' | 'SCHEMA_OUTDATED' | 'STORE_UNAVAILABLE') => {
    const store = memoryStore()
    const runs = { ...store.runs, abandoned: () => Promise.reject(new SyncError(code, 'no')) }
    return createSyncline({ store: { ...store, runs }, connectorTypes: [] })
  }

  test.each(['STORE_FAILED', 'SCHEMA_OUTDATED'] as const)(
    'rejects with %s and begins nothing: a person has to act first',
    async (code) => {
      const syncline = startOver(code)
      await expect(syncline.start()).rejects.toMatchObject({ code })
      await syncline.stop()
    },
  )

  test('resolves while the store is unavailable, and tries again by itself', async () => {
    const syncline = startOver('STORE_UNAVAILABLE')
    await syncline.start()
    await syncline.stop()
  })
})
