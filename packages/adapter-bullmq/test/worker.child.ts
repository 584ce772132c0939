import { bullmqQueue } from '@syncline/adapter-bullmq'
import { bullmqPostgresQueue } from '@syncline/adapter-bullmq/postgres'
import { Redis } from 'ioredis'

/** Works until it is killed, and says what happens: a process of a test's fleet. */
const [url = '', prefix = '', lockMs = ''] = process.argv.slice(2)

const say = (what: string, more: object = {}): void => void process.send?.({ what, at: Date.now(), ...more })

process.on('uncaughtException', (error) => say('uncaught', { message: String(error) }))
process.on('unhandledRejection', (error) => say('uncaught', { message: String(error) }))

const options = { prefix, lockMs: Number(lockMs) }
const queue = url.startsWith('postgres')
  ? bullmqPostgresQueue({ connectionString: url, ...options })
  : bullmqQueue({ connect: (more) => new Redis(url, more), ...options })

const worker = queue.work({
  queue: 'sync',
  concurrency: 4,
  async handle({ jobId, payload, failures, signal }) {
    const { n = null, hold, blockMs } = payload
    signal.addEventListener('abort', () => say('aborted', { n, code: signal.reason.code }))
    say('started', { n, jobId, failures })
    if (typeof blockMs === 'number') {
      for (const until = Date.now() + blockMs; Date.now() < until; );
      say('unblocked', { n })
      // The queue tells it that the job was lost, if it was.
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    }
    if (hold) await new Promise((resolve) => process.once('message', resolve))
    say('ended', { n })
    return undefined
  },
})

async function end(): Promise<void> {
  await worker.stop()
  await queue.close()
  say('closed')
  process.disconnect()
}

process.on('message', (message) => {
  if (message === 'stop') void end()
})
say('working')
