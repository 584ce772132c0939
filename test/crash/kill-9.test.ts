import { describe } from 'vitest'
import { serverIsAvailable } from '../../test-support/server-database.ts'
import { killAtStatements } from './kill-trials.ts'

describe.skipIf(!serverIsAvailable())(
  'a process killed with SIGKILL at any commit point, then another run',
  () => {
    killAtStatements((statement) => statement === 'commit')
  },
)
