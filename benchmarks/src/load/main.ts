// npm run bench:schedules: what comes due at one minute, drawn into docs/schedules.svg.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { privateRedis } from '../../../scripts/services.mjs'
import { groupsOf, loadChart, waitsOf } from './load-chart.ts'
import { migratedServer } from './migrated-server.ts'
import { type Load, runLoad } from './run-load.ts'

const file = join(import.meta.dirname, '../../../docs/schedules.svg')

const load: Load = {
  tenants: { large: 40, ...Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`small-${n}`, 1])) },
  takesMs: 3_000,
  processes: 2,
  runsAtOnce: 4,
  maxStaggerMs: 20_000,
}

const [server, redis] = await Promise.all([migratedServer(), privateRedis()])
try {
  const runs = await runLoad(load, { databaseUrl: server.url, redisUrl: redis.url })
  for (const { name, runs: own } of groupsOf(load, runs)) console.log(name, own.length, 'runs', waitsOf(own))
  writeFileSync(file, loadChart(load, runs))
  console.log(`Drawn in ${file}`)
} finally {
  await redis.stop()
  await server.close()
}
