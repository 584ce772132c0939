import { type RawBuilder, sql } from 'kysely'

/**
 * Tables are read along their indexes, entry by entry, wherever there is one: a planner whose statistics are missing or
 * old, or whose plan is from when a table was empty, reads all of it for each of thousands of keys. Nothing is
 * compiled: that takes longer than what it speeds up.
 */
const settings = {
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
  enable_mergejoin: 'off',
  enable_hashjoin: 'off',
  enable_material: 'off',
  jit: 'off',
} as const

/**
 * A condition that no index is chosen by: the planner cannot see into it. For what a row must be besides its key; with
 * statistics that are missing, an index on this alone looks as good as the key, and is read in full for each row.
 */
export const checked = (condition: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`case when ${condition} then true else false end`

/** Until the transaction ends, an implicit one too. */
export const alongIndexes = sql`select ${sql.join(
  Object.entries(settings).map(([name, value]) => sql`set_config(${sql.lit(name)}, ${sql.lit(value)}, true)`),
)}`

/** The same as commands, for a transaction that was begun by one. */
export const alongIndexesLocally: string = Object.entries(settings)
  .map(([name, value]) => `set local ${name} = ${value}`)
  .join('; ')

/** Until the transaction ends: tables of the host's may have no index, and are then read once. */
export const withHashJoins = sql`select set_config('enable_hashjoin', 'on', true),
  set_config('enable_material', 'on', true)`
