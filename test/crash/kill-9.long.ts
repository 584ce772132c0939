import { describe } from 'vitest'
import { serverIsAvailable } from '../../test-support/server-database.ts'
import { canonicalSync } from './canonical-sync.ts'
import { firstLoad } from './first-load.ts'
import { killAtStatements } from './kill-trials.ts'

for (const scenario of [canonicalSync, firstLoad]) {
  describe.skipIf(!serverIsAvailable())(
    `a process killed with SIGKILL at any statement ${scenario.name}, then another run`,
    () => {
      killAtStatements(scenario, { isCut: () => true, lookAheads: [0, 1] })
    },
  )
}
