import { describe } from 'vitest'
import { serverIsAvailable } from '../../test-support/server-database.ts'
import { stopAtStatements } from './stop-trials.ts'

/** A page and a batch of the sweep. */
const commits = new Set([4, 10])

describe.skipIf(!serverIsAvailable())('a process stopped past its lease at a commit, then continued', () => {
  stopAtStatements((statement, ordinal) => statement === 'commit' && commits.has(ordinal))
})
