import { describe } from 'vitest'
import { serverIsAvailable } from '../../test-support/server-database.ts'
import { killAtPoints } from './kill-trials.ts'

describe.skipIf(!serverIsAvailable()).each(['host', 'own'] as const)(
  'a process killed with SIGKILL at any point of a post-sync, over tables of the %s kind',
  (host) => {
    killAtPoints(host, (points) => points)
  },
)
