import { privateRedis } from '../../../scripts/services.mjs'
import { type Measurement, resultRow } from '../results/result-row.ts'
import { rotated } from '../results/statistics.ts'
import type { ScenarioGroup } from './bench.ts'
import { requireExact } from './check-content.ts'
import { measureWork, wayModule } from './measure-work.ts'
import { redisIsAvailable } from './redis-is-available.ts'

const scenarios = [
  { name: 'cache: hit, one at a time', callers: 1 },
  { name: 'cache: hit, 50 at a time', callers: 50 },
] as const
const ways = ['ours', 'get'] as const
const yardstick = 'ioredis GET'

/** Look-ups of resources that are cached on Redis, beside reading the same text with the driver alone. */
export const cacheHits: ScenarioGroup = {
  names: scenarios.map(({ name }) => name),
  sizes: [100_000],
  available: redisIsAvailable,
  steps: ({ rounds, wants }) => rounds * ways.length * scenarios.filter(({ name }) => wants(name)).length,
  async run(bench, records) {
    const redis = await privateRedis()
    try {
      const rows = []
      for (const { name, callers } of scenarios.filter((scenario) => bench.wants(scenario.name))) {
        const measured: Record<(typeof ways)[number], Measurement[]> = { ours: [], get: [] }
        for (let round = 0; round < bench.rounds; round++) {
          for (const way of rotated(ways, round)) {
            const input = { url: redis.url, records, warmUpRecords: bench.warmUpRecords, callers, way }
            const work = await measureWork(bench.server, { module: wayModule('cache-hits'), input }, records)
            requireExact(`Hits of ${way}`, work.facts, { found: records })
            const { ms, nodeCpuS, rssPeakMb } = work.measured
            const one = { records, ms, nodeCpuS, rssPeakMb }
            bench.step(`${name}, ${way}`, one)
            measured[way].push(one)
          }
        }
        const yardsticks = { [yardstick]: measured.get }
        rows.push(resultRow({ scenario: name, records }, { ours: measured.ours, yardsticks }))
      }
      return rows
    } finally {
      await redis.stop()
    }
  },
}
