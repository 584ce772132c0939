import type { ScenarioGroup } from './bench.ts'
import { cacheHits } from './cache-hits.ts'
import { eventLoop } from './event-loop.ts'
import { hashing } from './hashing.ts'
import { http } from './http.ts'
import { memory } from './memory.ts'
import { passes } from './passes.ts'
import { pglite } from './pglite.ts'
import { postSync } from './post-sync.ts'
import { queueJobs } from './queue-jobs.ts'
import { readScenarios } from './reads.ts'
import { resume } from './resume.ts'
import { sweeps } from './sweeps.ts'

/** Everything there is to measure, in the order it is measured. */
export const scenarioGroups: readonly ScenarioGroup[] = [
  passes,
  memory,
  resume,
  sweeps,
  postSync,
  hashing,
  eventLoop,
  pglite,
  readScenarios,
  cacheHits,
  queueJobs,
  http,
]
