import { createSyncline } from '@syncline/core'
import { memoryStore } from '@syncline/core/memory'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { modelFilter, modelHistory, toUpstreamRecord } from '../src/arbitraries.ts'
import { fakeClock } from '../src/fake-clock.ts'
import { applyRun, createModel, type ModelRecord, type ModelRun } from '../src/reference-model.ts'
import { scriptedConnector } from '../src/scripted-connector.ts'

const good = (externalId: string, content = 'A'): ModelRecord => ({ externalId, content })
const bad = (externalId: string): ModelRecord => ({ externalId, content: '', kind: 'bad' })
const filtered = (externalId: string): ModelRecord => ({ externalId, content: '', kind: 'filtered' })
const full = (...pages: ModelRecord[][]): ModelRun => ({ mode: 'full', pages })

describe('the reference model', () => {
  test('adds, updates, leaves alone, marks stale and restores', () => {
    const model = createModel()
    expect(applyRun(model, full([good('1'), good('2'), good('3')])).stats).toMatchObject({ added: 3 })
    const second = applyRun(model, full([good('1'), good('2', 'B')]))
    expect(second.stats).toMatchObject({ added: 0, updated: 1, unchanged: 1, staled: 1 })
    expect(second.unseen).toEqual(['3'])
    expect(applyRun(model, full([good('1'), good('2', 'B'), good('3')])).stats).toMatchObject({ restored: 1 })
    expect(model.rows.get('3')).toEqual({ content: 'A', stale: false })
  })

  test('counts each key once: kept before quarantined before excluded', () => {
    const { stats } = applyRun(
      createModel(),
      full([filtered('1'), bad('2'), filtered('3')], [bad('1'), filtered('2'), filtered('3')], [good('1')]),
    )
    expect(stats).toMatchObject({ added: 1, quarantined: 1, excluded: 1, totalUpstreamRecords: 7 })
  })

  test('a quarantined record holds its row, a filtered one does not', () => {
    const model = createModel()
    applyRun(model, full([good('held'), good('left')]))
    const { unseen } = applyRun(model, full([bad('held'), filtered('left')]))
    expect(unseen).toEqual(['left'])
  })

  test('an incremental or a capped run marks nothing stale', () => {
    const model = createModel()
    applyRun(model, full([good('1'), good('2'), good('3')]))
    expect(applyRun(model, { mode: 'incremental', pages: [[]] }).stats.staled).toBe(0)
    const capped = applyRun(model, {
      mode: 'full',
      pages: [[good('1'), good('2')], [good('3')]],
      maxRecords: 1,
    })
    expect(capped).toMatchObject({ complete: false, stats: { staled: 0, unchanged: 1, excluded: 1 } })
  })

  test('agrees with the engine over the reference store, run after run', async () => {
    await fc.assert(
      fc.asyncProperty(modelHistory(fc), async (history) => {
        const { syncline, connector, scope } = await startSyncline()
        const model = createModel()
        for (const wanted of history) {
          const filterRules = { ...modelFilter, maxRecords: wanted.maxRecords }
          await syncline.configs.save({ ...scope, removalGuard: null, filterRules })
          connector.script(
            'user',
            wanted.pages.map((page) => page.map(toUpstreamRecord)),
          )
          const logged = (await syncline.changes.read({ ...scope, limit: 10_000 })).length
          const run = await syncline.sync({ ...scope, mode: wanted.mode })
          // Without a watermark an incremental run becomes a full one.
          const expected = applyRun(model, { ...wanted, mode: run.mode })
          const { removed: _removed, durationMs: _durationMs, ...stats } = run.stats
          expect([run.status, run.complete, stats]).toEqual(['success', expected.complete, expected.stats])
          const changes = await syncline.changes.read({ ...scope, after: logged, limit: 10_000 })
          expect(perId(changes)).toEqual(perId(expected.changes))
          const { data } = await syncline.resources.list({ ...scope, pageSize: 2000 })
          const rows = data.map(({ externalId, displayName, staleSince }) => [
            externalId,
            { content: displayName, stale: staleSince !== undefined },
          ])
          expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(model.rows))
          const quarantined = await syncline.quarantine.list({ ...scope, pageSize: 2000 })
          expect(new Set(quarantined.data.map(({ externalId }) => externalId))).toEqual(
            new Set(model.quarantine.keys()),
          )
        }
        await syncline.stop()
      }),
      { numRuns: 150 },
    )
  })
})

async function startSyncline() {
  const clock = fakeClock()
  const connector = scriptedConnector({ resourceTypes: { user: { incremental: true, pages: [] } } })
  const store = memoryStore({ clock })
  const syncline = createSyncline({ store, clock, connectorTypes: [connector] })
  await syncline.connectors.save({ connectorId: 'hr', type: 'scripted' })
  return { syncline, connector, scope: { connectorId: 'hr', resourceType: 'user' } }
}

function perId(changes: readonly { readonly kind: string; readonly externalId: string }[]) {
  const kinds: Record<string, string[]> = {}
  for (const { kind, externalId } of changes) (kinds[externalId] ??= []).push(kind)
  return kinds
}
