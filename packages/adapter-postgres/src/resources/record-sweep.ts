import type { Lease, SweepBatch } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import { type ChangedResource, logChanges } from '../changes.ts'
import type { Session } from '../database.ts'
import { type LockedScope, leaseLost } from '../scope-lock.ts'
import type { Tables } from '../tables.ts'
import { exactText, guardedText, interval } from '../values.ts'

/** A row that was marked or removed, as `sweptColumns` answer it. */
export interface SweptRow {
  readonly resourceId: string
  /** Guarded text. */
  readonly externalId: string
}

export const sweptColumns: RawBuilder<unknown> = sql`id::text as "resourceId", ${guardedText('external_id')} as "externalId"`

/** The row as its change names it. */
export const sweptResource = ({ resourceId, externalId }: SweptRow): ChangedResource => ({
  resourceId,
  externalId: exactText(externalId),
})

/** Logs a batch's changes, moves the run on and extends its lease, in one statement. @throws LEASE_LOST */
export async function recordSweep(
  session: Session,
  tables: Tables,
  batch: {
    readonly scope: LockedScope
    readonly lease: Lease
    readonly kind: 'staled' | 'removed'
    readonly rows: readonly SweptRow[]
    readonly done: boolean
    /** What else to set on the run. */
    readonly progress: RawBuilder<unknown>
  },
): Promise<SweepBatch> {
  const { scope, lease, kind, rows, done, progress } = batch
  const logged = logChanges(tables, session.arrays, {
    scope,
    runId: lease.runId,
    groups: [{ kind, resources: rows.map(sweptResource) }],
  })
  const [run] = await session.run(
    sql<{ cancelRequested: boolean }>`${logged ? sql`with ${logged}` : sql``} update ${tables.runs}
      set ${progress}, lease_expires_at = clock_timestamp() + ${interval(lease.leaseMs)}
      where run_id = ${lease.runId} returning cancel_requested as "cancelRequested"`,
  )
  if (!run) throw leaseLost(lease)
  return { count: rows.length, done, cancelRequested: run.cancelRequested }
}
