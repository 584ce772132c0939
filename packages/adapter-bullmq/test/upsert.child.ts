import { bullmqQueue } from '@syncline/adapter-bullmq'
import { bullmqPostgresQueue } from '@syncline/adapter-bullmq/postgres'
import { Redis } from 'ioredis'

/** Writes one schedule as soon as it is told to, says so, and lives until it is killed. */
const [url = '', prefix = ''] = process.argv.slice(2)

const options = { prefix, timeoutMs: 30_000 }
const queue = url.startsWith('postgres')
  ? bullmqPostgresQueue({ connectionString: url, maxConnections: 1, ...options })
  : bullmqQueue({ connect: (more) => new Redis(url, more), ...options })
await queue.schedules()
process.send?.('ready')
process.on('message', () => {
  void queue
    .upsertSchedule({
      scheduleId: 'cr-sync-hr-user',
      recurrence: { everyMs: 2_000 },
      job: { queue: 'sync', key: 'hr user', payload: {} },
    })
    .then(({ nextTickAt }) => process.send?.({ nextTickAt: nextTickAt.getTime() }))
})
