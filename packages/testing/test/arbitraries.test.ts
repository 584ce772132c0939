import { memoryStore } from '@syncline/core/memory'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { modelHistory, storableAttributes, storableText, toUpstreamRecord } from '../src/arbitraries.ts'
import { connectorInput, record, staff } from '../src/conformance/builders.ts'
import { fakeClock } from '../src/fake-clock.ts'

const text = (kind: 'good' | 'bad' | 'filtered'): string =>
  JSON.stringify(toUpstreamRecord({ externalId: '1', content: 'A', kind }))

describe('arbitraries', () => {
  test('storable text and attributes come back from a store as they were', async () => {
    const store = memoryStore({ clock: fakeClock() })
    await store.connectors.save(connectorInput(staff.connectorId))
    await fc.assert(
      fc.asyncProperty(storableText(fc), storableAttributes(fc), async (displayName, attributes) => {
        await store.resources.upsertOne({ scope: staff, record: record('1', { displayName, attributes }) })
        const found = await store.resources.get({ ...staff, externalId: '1' })
        expect([found?.displayName, found?.attributes]).toEqual([displayName, attributes])
      }),
      { numRuns: 200 },
    )
  })

  test('histories meet every kind of record, repeated keys, both modes and caps', () => {
    const runs = fc.sample(modelHistory(fc), { numRuns: 300, seed: 1 }).flat()
    const listed = runs.flatMap(({ pages }) => pages.flat())
    expect(new Set(listed.map(({ kind }) => kind))).toEqual(new Set(['good', 'bad', 'filtered']))
    expect(new Set(runs.map(({ mode }) => mode))).toEqual(new Set(['full', 'incremental']))
    expect(runs.some(({ maxRecords }) => maxRecords !== undefined)).toBe(true)
    const repeats = runs.filter(({ pages }) => {
      const perPage = pages.flatMap((page) => [...new Set(page.map(({ externalId }) => externalId))])
      return new Set(perPage).size < perPage.length
    })
    expect(repeats.length).toBeGreaterThan(runs.length / 4)
  })

  test('only a bad record holds what no store keeps', () => {
    expect(text('bad')).toContain('\\u0000')
    expect(text('good')).not.toContain('\\u0000')
    expect(text('filtered')).toContain('left-out.example')
  })
})
