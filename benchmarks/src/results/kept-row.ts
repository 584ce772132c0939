import type { Environment } from '../environment.ts'
import type { ResultRow } from './result-row.ts'

/** A row as it is kept: it says where it was measured, because rows of different days may stand side by side. */
export interface KeptRow extends ResultRow {
  readonly environment: Environment
}
