import { describe } from 'vitest'
import { serverIsAvailable } from '../../test-support/server-database.ts'
import { stopAtStatements } from './stop-trials.ts'

describe.skipIf(!serverIsAvailable())(
  'a process stopped past its lease at any statement, then continued',
  () => {
    stopAtStatements(() => true)
  },
)
