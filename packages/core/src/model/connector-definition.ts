import type { JsonObject } from './json.ts'

/** One configured instance of a connector type. */
export interface ConnectorDefinition {
  /** 1 to 64 of `A-Z a-z 0-9 _ -`, starting with a letter or digit. */
  readonly connectorId: string
  readonly tenantId: string
  /** Name of a registered connector type. */
  readonly type: string
  readonly name: string
  /** Checked by the type's own schema. Holds no secrets: those live behind `credentialRef`. */
  readonly config: JsonObject
  readonly credentialRef?: string | undefined
  /** A paused connector refuses to sync. */
  readonly status: 'active' | 'paused'
  readonly createdAt: Date
  readonly updatedAt: Date
}
