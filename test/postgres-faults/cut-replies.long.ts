import { describe } from 'vitest'
import { serverIsAvailable } from '../../test-support/server-database.ts'
import { canonicalSync } from '../crash/canonical-sync.ts'
import { cutReplies } from './cut-trials.ts'

describe.skipIf(!serverIsAvailable())(
  `a connection cut at any reply in any transaction ${canonicalSync.name}`,
  () => {
    cutReplies(canonicalSync, () => true)
  },
)
