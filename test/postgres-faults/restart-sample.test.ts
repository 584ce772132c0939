import { describe } from 'vitest'
import { serverIsAvailable } from '../../test-support/server-database.ts'
import { restartAtCommits } from './restart-trials.ts'

/** One of each kind; all of them are tried by `restart.long.ts`. */
const tried = new Set([
  'immediate after commit #1',
  'fast before commit #3',
  'immediate after commit #8',
  'fast after commit #13',
])

describe.skipIf(!serverIsAvailable())('PostgreSQL restarted at a commit of a scheduled sync', () => {
  restartAtCommits(({ mode, moment, transaction }) => tried.has(`${mode} ${moment} #${transaction}`))
})
