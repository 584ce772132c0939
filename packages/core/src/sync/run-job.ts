import type { Redactor } from '../credentials/redactor.ts'
import type { HashRecipe } from '../hashing/record-hash.ts'
import type { ConnectorDefinition } from '../model/connector-definition.ts'
import type { Run } from '../model/run.ts'
import type { SyncConfig } from '../model/sync-config.ts'
import type { ConnectorContext, ResourceTypeDefinition } from '../ports/connector.ts'
import type { SanitisedRecord } from '../records/sanitise-record.ts'
import type { RunPlan } from './begin-run.ts'

/** Everything a run needs to know, looked up and checked before it begins. */
export interface RunJob {
  readonly definition: ConnectorDefinition
  readonly config: SyncConfig
  readonly resource: ResourceTypeDefinition<unknown>
  readonly context: ConnectorContext<unknown>
  /** Knows the secrets of the connector's credential. */
  readonly redactor: Redactor
  readonly recipe: HashRecipe
  readonly passes: (record: SanitisedRecord) => boolean
  readonly plan: RunPlan
  /** Carry out the removals of this guarded run instead of listing. */
  readonly approval?: { readonly run: Run; readonly approvedBy: string } | undefined
  /** The host's own wish to end the run. */
  readonly signal?: AbortSignal | undefined
}
