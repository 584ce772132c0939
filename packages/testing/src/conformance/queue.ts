import { testAddingJobs } from './queue-adding.ts'
import { testFailingJobs } from './queue-failures.ts'
import { testQueueSchedules } from './queue-schedules.ts'
import { type QueueSuite, queueCases } from './queue-stage.ts'
import { testWatchingJobs } from './queue-watching.ts'
import { testQueueWorkers } from './queue-workers.ts'

/**
 * Holds a queue to every promise of its port. An adapter's test file is this one call.
 *
 * ```ts
 * import { describe, test } from 'vitest'
 * testQueue({ describe, test: test.concurrent, createQueue: async () => ({ queue, other, now, timePasses, close }) })
 * ```
 */
export function testQueue(suite: QueueSuite): void {
  queueCases(suite, 'Queue: adding jobs', testAddingJobs)
  queueCases(suite, 'Queue: watching and cancelling', testWatchingJobs)
  queueCases(suite, 'Queue: failures and dead letters', testFailingJobs)
  queueCases(suite, 'Queue: workers', testQueueWorkers)
  queueCases(suite, 'Queue: schedules', testQueueSchedules)
}
