import type { Scope } from '../model/scope.ts'
import type { SyncConfig } from '../model/sync-config.ts'

/** Settings per (connector, resource type). */
export interface SyncConfigStore {
  /**
   * Inserts or replaces by scope; keeps `createdAt`. The watermark is kept unless `resetWatermark`: it belongs to
   * the runs. The plan of its schedule is kept unless `resetPlan`, and shown as `nextRunAt` while the config is
   * enabled and has a schedule. Gives the settings a `revision` that no settings had before.
   * @throws CONNECTOR_NOT_FOUND, PRECONDITION_FAILED: nothing was written
   */
  save(request: {
    readonly config: Omit<SyncConfig, 'createdAt' | 'updatedAt' | 'watermark' | 'nextRunAt' | 'revision'>
    readonly resetWatermark: boolean
    /** Forgets when it was to run next: its schedule is another now. @default false */
    readonly resetPlan?: boolean | undefined
    /**
     * Revision of the settings it was decided on; `null`: there were none. Compared in the same transaction.
     * @default whatever there is
     */
    readonly replaces?: string | null | undefined
  }): Promise<SyncConfig>
  get(scope: Scope): Promise<SyncConfig | undefined>
  /** Ordered by connector id, then resource type. */
  list(query: { readonly connectorId?: string | undefined }): Promise<readonly SyncConfig[]>
  /**
   * Removes the settings; resources and history stay. False when there are none. With a revision, only those.
   * @throws PRECONDITION_FAILED when they are others by now
   */
  remove(scope: Scope, revision?: string): Promise<boolean>
}
