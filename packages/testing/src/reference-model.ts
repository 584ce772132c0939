import type { ChangeKind, RunMode, SyncStats } from '@syncline/core'

/** A record as the model sees it: its id, one value for all of its content, and what becomes of it. */
export interface ModelRecord {
  readonly externalId: string
  readonly content: string
  /** good: kept · bad: quarantined · filtered: left out by a rule. @default 'good' */
  readonly kind?: 'good' | 'bad' | 'filtered' | undefined
}

export interface ModelRow {
  readonly content: string
  readonly stale: boolean
}

/** What a store must hold. */
export interface Model {
  readonly rows: Map<string, ModelRow>
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
 * Syncline in one page: applies a whole run to the model and says what the run must have counted and logged.
 * Written to be read; it shares no code with what it judges.
 */
export function applyRun(model: Model, run: ModelRun): ModelOutcome {
  const { rows, quarantine } = model
  const generation = ++model.generation
  const counter = new Map<string, 'added' | 'updated' | 'restored' | 'unchanged'>()
  const held = new Set<string>()
  const excluded = new Set<string>()
  const met = new Set<string>()
  const changes: { kind: ChangeKind; externalId: string }[] = []
  let [received, read, kept, capped] = [0, 0, 0, false]

  const keep = ({ externalId, content }: ModelRecord): void => {
    const row = rows.get(externalId)
    const kind = !row ? 'created' : row.stale ? 'restored' : row.content === content ? undefined : 'updated'
    const counted = counter.get(externalId)
    // The first write of a generation counts; a record that was only confirmed may still be updated.
    if (counted === undefined || counted === 'unchanged') {
      counter.set(externalId, kind === 'created' ? 'added' : (kind ?? 'unchanged'))
    }
    if (kind) changes.push({ kind, externalId })
    if (kind) rows.set(externalId, { content, stale: false })
    quarantine.delete(externalId)
    kept += 1
  }

  for (const page of run.pages) {
    if (capped) break
    read += 1
    received += page.length
    const capacity = (run.maxRecords ?? Infinity) - kept
    const distinct = [...new Map(page.map((record) => [record.externalId, record])).values()]
    const good = distinct.filter(({ kind = 'good' }) => kind === 'good')
    for (const { externalId } of distinct) met.add(externalId)
    for (const record of good.slice(0, capacity)) keep(record)
    for (const { externalId } of good.slice(capacity)) excluded.add(externalId)
    for (const { externalId, kind } of distinct) {
      if (kind === 'filtered') excluded.add(externalId)
      if (kind !== 'bad') continue
      quarantine.set(externalId, generation)
      if (rows.has(externalId)) held.add(externalId)
    }
    capped = good.length > capacity || (kept >= (run.maxRecords ?? Infinity) && read < run.pages.length)
  }

  const whole = run.mode === 'full' && !capped
  const isLiveUnseen = (id: string): boolean => !rows.get(id)?.stale && !counter.has(id) && !held.has(id)
  const unseen = [...rows.keys()].filter(isLiveUnseen)
  for (const externalId of whole ? unseen : []) {
    rows.set(externalId, { content: rows.get(externalId)?.content ?? '', stale: true })
    changes.push({ kind: 'staled', externalId })
  }
  for (const [id, since] of quarantine) if (whole && since < generation) quarantine.delete(id)

  const count = (kind: string): number => [...counter.values()].filter((counted) => counted === kind).length
  const left = [...met].filter((id) => !counter.has(id))
  const quarantined = left.filter((id) => quarantine.get(id) === generation).length
  const stats: ModelCounters = {
    added: count('added'),
    updated: count('updated'),
    unchanged: count('unchanged'),
    restored: count('restored'),
    staled: whole ? unseen.length : 0,
    quarantined,
    excluded: left.length - quarantined,
    pagesProcessed: read,
    totalUpstreamRecords: received,
  }
  return { stats, changes, unseen, complete: !capped }
}
