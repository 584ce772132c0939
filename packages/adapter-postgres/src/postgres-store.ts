import type { Store } from '@syncline/core'
import { composeStore } from './compose-store.ts'
import type { PostgresStoreOptions } from './store-options.ts'

/** Measured: larger parts cost memory and time, a COPY one more round trip, and walking 4 µs a row. */
const sizes = { recordsPerPart: 1_000, leastRowsToCopy: 64, rowsWalkedFirst: 1_000, unseenRowsNoted: 10_000 }

/**
 * A store on a database of the host's, PostgreSQL 15 or later or PGlite. Nothing is opened and nothing of the
 * host's is closed. The schema must have been brought up to date with `migrate`: every method throws
 * SCHEMA_OUTDATED until it is.
 * @throws OPTIONS_INVALID
 */
export const postgresStore = <HostTables = unknown>(options: PostgresStoreOptions<HostTables>): Store =>
  composeStore(options, sizes)
