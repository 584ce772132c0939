import { privateRedis } from '../../../scripts/services.mjs'
import { type Measurement, resultRow } from '../results/result-row.ts'
import { rotated } from '../results/statistics.ts'
import type { ScenarioGroup } from './bench.ts'
import { requireExact } from './check-content.ts'
import { measureWork, wayModule } from './measure-work.ts'
import { redisIsAvailable } from './redis-is-available.ts'

const scenario = 'queue: add and run a job'
const ways = ['ours', 'bullmq'] as const

/** What the queue port costs beside BullMQ alone: keys, checks, and a stop that drains. */
export const queueJobs: ScenarioGroup = {
  names: [scenario],
  sizes: [10_000],
  onlySizes: true,
  available: redisIsAvailable,
  steps: ({ rounds }) => rounds * ways.length,
  async run(bench, records) {
    const redis = await privateRedis()
    try {
      const measured: Record<(typeof ways)[number], Measurement[]> = { ours: [], bullmq: [] }
      for (let round = 0; round < bench.rounds; round++) {
        for (const way of rotated(ways, round)) {
          const input = { url: redis.url, records, warmUpRecords: bench.warmUpRecords, way }
          const work = await measureWork(bench.server, { module: wayModule('queue-jobs'), input }, records)
          requireExact(`Jobs of ${way}`, work.facts, { ran: records })
          const { ms, nodeCpuS, rssPeakMb } = work.measured
          const one = { records, ms, nodeCpuS, rssPeakMb }
          bench.step(`${scenario}, ${way}`, one)
          measured[way].push(one)
        }
      }
      const yardsticks = { 'plain BullMQ': measured.bullmq }
      return [resultRow({ scenario, records }, { ours: measured.ours, yardsticks })]
    } finally {
      await redis.stop()
    }
  },
}
