import { readFileSync } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'
import { inject } from 'vitest'

/** A PGlite with the schema of this release and nothing in it. */
export const migratedPglite = (): Promise<PGlite> =>
  PGlite.create({ loadDataDir: new Blob([readFileSync(inject('pgliteImage'))]) })
