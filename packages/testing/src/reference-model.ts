import type { ChangeKind, RunMode, SyncStats } from '@syncline/core'

/** A record as the model sees it: its id, one value for all of its content, and what becomes of it. */
export interface ModelRecord {
  readonly externalId: string
  readonly content: string
  /** good: kept · bad: quarantined · filtered: left out by a rule. @default 'good' */
  readonly kind?: 'good' | 'bad' | 'filtered' | undefined
}

/** What a store must hold. */
export interface Model {
  readonly rows: Map<string, { readonly content: string; readonly stale: boolean }>
  /** External ids in quarantine, with the generation that put them there. */
  readonly quarantine: Map<string, number>
  generation: number
}

export interface ModelRun {
  readonly mode: RunMode
  readonly pages: readonly (readonly ModelRecord[])[]
  /** Stop after this many kept records; a run that had to stop marks nothing stale. */
  readonly maxRecords?: number | undefined
}

export type ModelCounters = Omit<SyncStats, 'removed' | 'durationMs'>

export interface ModelOutcome {
  readonly stats: ModelCounters
  /** In order for each id; the order between ids is not part of the model. */
  readonly changes: readonly { readonly kind: ChangeKind; readonly externalId: string }[]
  /** Live rows the listing did not see, before any of them was marked stale. */
  readonly unseen: readonly string[]
  readonly complete: boolean
}

export const createModel = (): Model => ({ rows: new Map(), quarantine: new Map(), generation: 0 })

/**
 * Syncline on one page: applies a whole run to the model and says what the run must have counted and logged.
 * Written to be read; it shares no code with what it judges.
 */
export function applyRun(model: Model, run: ModelRun): ModelOutcome {
  const { rows, quarantine } = model
  model.generation += 1
  const sight = readPages(model, run)
  const { counted, held, met, changes, complete } = sight
  const isUnseen = (id: string): boolean => !counted.has(id) && !held.has(id)
  const unseen = [...rows.keys()].filter((id) => !rows.get(id)?.stale && isUnseen(id))
  const swept = run.mode === 'full' && complete ? unseen : []
  for (const externalId of swept) {
    rows.set(externalId, { content: rows.get(externalId)?.content ?? '', stale: true })
    changes.push({ kind: 'staled', externalId })
  }
  for (const [id, generation] of quarantine) {
    if (run.mode === 'full' && complete && generation < model.generation) quarantine.delete(id)
  }
  const count = (kind: string): number => [...counted.values()].filter((each) => each === kind).length
  const notKept = [...met].filter((id) => !counted.has(id))
  const quarantined = notKept.filter((id) => quarantine.get(id) === model.generation).length
  const stats: ModelCounters = {
    added: count('created'),
    updated: count('updated'),
    unchanged: count('unchanged'),
    restored: count('restored'),
    staled: swept.length,
    quarantined,
    excluded: notKept.length - quarantined,
    pagesProcessed: sight.pages,
    totalUpstreamRecords: sight.received,
  }
  return { stats, changes, unseen, complete }
}

function readPages(model: Model, run: ModelRun) {
  const counted = new Map<string, ChangeKind | 'unchanged'>()
  const held = new Set<string>()
  const met = new Set<string>()
  const changes: { kind: ChangeKind; externalId: string }[] = []
  const { maxRecords = Infinity } = run
  let [pages, received, kept, complete] = [0, 0, 0, true]

  for (const page of run.pages) {
    if (!complete) break
    pages += 1
    received += page.length
    // Within a page the last one of an id wins.
    for (const { externalId, content, kind = 'good' } of new Map(
      page.map((each) => [each.externalId, each]),
    ).values()) {
      met.add(externalId)
      const row = model.rows.get(externalId)
      if (kind === 'bad') {
        model.quarantine.set(externalId, model.generation)
        if (row) held.add(externalId)
      }
      if (kind !== 'good') continue
      if (kept >= maxRecords) {
        complete = false
        continue
      }
      kept += 1
      model.quarantine.delete(externalId)
      const change = !row
        ? 'created'
        : row.stale
          ? 'restored'
          : row.content === content
            ? undefined
            : 'updated'
      // The first change of a run counts; a record that was only confirmed may still be changed by a later page.
      if ((counted.get(externalId) ?? 'unchanged') === 'unchanged') {
        counted.set(externalId, change ?? 'unchanged')
      }
      if (!change) continue
      model.rows.set(externalId, { content, stale: false })
      changes.push({ kind: change, externalId })
    }
    if (kept >= maxRecords && pages < run.pages.length) complete = false
  }
  return { counted, held, met, changes, pages, received, complete }
}
