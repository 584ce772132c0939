import { seededRandom } from '@syncline/testing/upstream'
import { describe } from 'vitest'
import { serverIsAvailable } from '../../test-support/server-database.ts'
import { killAtPoints } from './kill-trials.ts'

/** Calls after which something is different: where a process that dies leaves a trace. */
const writes =
  /(?:people\.(?:begin|commit|finish|claimJobs|deliveredJobs)|users\.(?:create|change)|profiles\.write|workflows)/
const seed = Number(process.env.SYNCLINE_SEED ?? Date.now() % 1_000_000)

describe.skipIf(!serverIsAvailable()).each(['host', 'own'] as const)(
  `a process killed with SIGKILL at some points of a post-sync, drawn with seed ${seed}, over tables of the %s kind`,
  (host) => {
    killAtPoints(host, (points) =>
      seededRandom(seed)
        .shuffle(points.filter((point) => writes.test(point)))
        .slice(0, 3),
    )
  },
)
