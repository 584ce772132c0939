import type { Scope } from '../model/scope.ts'
import type { SyncConfig } from '../model/sync-config.ts'

/** Settings per (connector, resource type). */
export interface SyncConfigStore {
  /**
   * Inserts or replaces by scope; keeps `createdAt`. The watermark is kept unless `resetWatermark`: it belongs to
   * the runs. @throws CONNECTOR_NOT_FOUND
   */
  save(request: {
    readonly config: Omit<SyncConfig, 'createdAt' | 'updatedAt' | 'watermark'>
    readonly resetWatermark: boolean
  }): Promise<SyncConfig>
  get(scope: Scope): Promise<SyncConfig | undefined>
  /** Ordered by connector id, then resource type. */
  list(query: { readonly connectorId?: string | undefined }): Promise<readonly SyncConfig[]>
  /** Removes the settings; resources and history stay. False when there are none. */
  remove(scope: Scope): Promise<boolean>
}
