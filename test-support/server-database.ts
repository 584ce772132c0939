import { inject } from 'vitest'
import { createDatabaseOn, type Database } from './database-on.ts'

export type { Database } from './database-on.ts'

/** Whether there is a server; without one, tests that need it are skipped. */
export const serverIsAvailable = (): boolean => inject('databaseUrl') !== null

/** A new database, empty or with the schema of this release. */
export const emptyServerDatabase = (options: { readonly migrated: boolean }): Promise<Database> =>
  createFrom(options.migrated ? inject('databaseTemplate') : 'template0')

/** A new, empty database that knows the letters of ASCII only. */
export const asciiServerDatabase = (): Promise<Database> =>
  createFrom(`template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'`)

let made = 0

const createFrom = (template: string): Promise<Database> =>
  createDatabaseOn({ serverUrl: serverUrl(), newName, durable: false }, template)

function newName(): string {
  made += 1
  const worker = process.env.VITEST_POOL_ID ?? '0'
  return `${inject('databaseTemplate')}_${process.pid}_${worker}_${made}`
}

function serverUrl(): string {
  const url = inject('databaseUrl')
  if (url !== null) return url
  throw new Error('There is no PostgreSQL server; ask serverIsAvailable() first')
}
