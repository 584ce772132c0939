import { deepEqual } from 'node:assert/strict'
import type { ModelRecord } from '../reference-model.ts'
import { applyRun, createModel } from '../reference-model.ts'
import { type PageContent, pageOf, record, rejected, staff } from './builders.ts'
import { type StoreSuite, storeCases } from './harness.ts'
import { begin, closeListing, finish, fullPassOf, idsOf, prepareScopes, sweep, takeOver } from './passes.ts'

type Sight = Omit<ModelRecord, 'externalId'>

const kinds: readonly Sight[] = [
  { content: 'A' },
  { content: 'B' },
  { content: 'C' },
  { content: '', kind: 'bad' },
  { content: '', kind: 'filtered' },
]
const origins = ['absent', 'live', 'stale'] as const

/** Every way in which one id may be met on up to three pages, from every row it may have had: one id each. */
function everyWay(): {
  origin: (typeof origins)[number]
  externalId: string
  sights: readonly (Sight | undefined)[]
}[] {
  const maybe = [undefined, ...kinds]
  return origins.flatMap((origin) =>
    maybe.flatMap((one, a) =>
      maybe.flatMap((two, b) =>
        maybe.map((three, c) => ({
          origin,
          externalId: `${origin}-${a}${b}${c}`,
          sights: [one, two, three],
        })),
      ),
    ),
  )
}

const toPage = (listed: readonly ModelRecord[]): PageContent => ({
  records: listed
    .filter(({ kind = 'good' }) => kind === 'good')
    .map(({ externalId, content }) => record(externalId, { displayName: content })),
  rejected: listed
    .filter(({ kind }) => kind === 'bad')
    .map(({ externalId }, position) => rejected(externalId, position)),
  excluded: listed.filter(({ kind }) => kind === 'filtered').map(({ externalId }) => externalId),
})

/** Changes grouped by id; a stable sort, so the order per id stays. */
const perId = (changes: readonly { readonly kind: string; readonly externalId: string }[]): string[] =>
  changes
    .toSorted((left, right) => byText(left.externalId, right.externalId))
    .map(({ externalId, kind }) => `${externalId} ${kind}`)

const byText = (left: string, right: string): number => (left < right ? -1 : Number(left > right))

export function testListings(suite: StoreSuite): void {
  storeCases(suite, 'ResourceStore: keys on several pages', (test) => {
    for (const interrupted of [false, true]) {
      const when = interrupted ? ', also when another run resumes the listing' : ''
      test(`each key counts once: kept before quarantined before excluded${when}`, async (harness) => {
        const { store, timePasses } = harness
        await prepareScopes(store, staff)
        const ways = everyWay()
        const had = (wanted: string): ModelRecord[] =>
          ways
            .filter(({ origin }) => origin === wanted)
            .map(({ externalId }) => ({ externalId, content: 'A' }))
        const model = createModel()
        for (const listed of [[...had('live'), ...had('stale')], had('live')]) {
          await fullPassOf(harness, toPage(listed).records ?? [])
          applyRun(model, { mode: 'full', pages: [listed] })
        }
        const logged = (await store.changes.read({ scope: staff, after: 0, limit: 100_000 })).length

        const pages = [0, 1, 2].map((page) =>
          ways.flatMap(({ externalId, sights }) => {
            const sight = sights[page]
            return sight ? [{ externalId, ...sight }] : []
          }),
        )
        const expected = applyRun(model, { mode: 'full', pages })
        await timePasses(1000)
        let run = await begin(store)
        for (const [index, page] of pages.entries()) {
          await store.resources.commitPage(pageOf(run, index + 1, toPage(page)))
          if (interrupted) run = await takeOver(harness)
        }
        const summary = await closeListing(store, run)
        const { staled, ...counters } = expected.stats
        const { staled: _, removed: __, durationMs: ___, ...stats } = summary.stats
        deepEqual(stats, counters)
        deepEqual(summary.unseen, expected.unseen.length)
        deepEqual(await sweep(store, run, 100), staled)
        await finish(store, run)

        const bytewise = [...model.rows].toSorted(([left], [right]) => byText(left, right))
        deepEqual(
          await idsOf(store),
          bytewise.map(([id, { stale }]) => `${stale ? '-' : ''}${id}`),
        )
        const resources = await store.resources.find({ ...staff, limit: 10_000 })
        deepEqual(
          resources.map(({ displayName }) => displayName),
          bytewise.map(([, { content }]) => content),
        )
        const changes = await store.changes.read({ scope: staff, after: logged, limit: 100_000 })
        deepEqual(perId(changes), perId(expected.changes))
        const quarantined = await store.quarantine.list({ scope: staff, limit: 10_000 })
        deepEqual(
          quarantined.map(({ externalId }) => externalId ?? '').toSorted(byText),
          [...model.quarantine.keys()].toSorted(byText),
        )
      })
    }
  })
}
