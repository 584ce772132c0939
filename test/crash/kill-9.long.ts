import { describe } from 'vitest'
import { serverIsAvailable } from '../../test-support/server-database.ts'
import { killAtStatements } from './kill-trials.ts'

describe.skipIf(!serverIsAvailable())(
  'a process killed with SIGKILL at any statement, then another run',
  () => {
    killAtStatements(() => true)
  },
)
