import { describe } from 'vitest'
import { serverIsAvailable } from '../../test-support/server-database.ts'
import { canonicalSync } from '../crash/canonical-sync.ts'
import { cutReplies } from './cut-trials.ts'

/** The begin, a page, the close of the listing, a batch of the sweep, the purge and the end. */
const tried = new Set([1, 4, 8, 10, 12, 13])

describe.skipIf(!serverIsAvailable())('a connection cut at the reply to a commit', () => {
  cutReplies(canonicalSync, ({ transaction, moment }) => moment === 'commit reply' && tried.has(transaction))
})
