// A process of its own: opens its work, settles, says so, then runs, reports and closes as it is told.
import { setImmediate } from 'node:timers/promises'
import { residentMb, watchPeakMemory } from './peak-memory.ts'
import type { FromWorker, Job, OpenWork, RunReport, ToWorker, Work } from './work.ts'

const send = (message: FromWorker): void => void process.send?.(message)

const told = (expected: ToWorker): Promise<void> =>
  new Promise((resolve) => {
    const listen = (message: unknown): void => {
      if (message !== expected) return
      process.off('message', listen)
      resolve()
    }
    process.on('message', listen)
  })

async function settle(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.()
    await setImmediate()
  }
}

async function measure(work: Work, idleMb: number): Promise<RunReport> {
  const peakMb = watchPeakMemory()
  const cpuBefore = process.cpuUsage()
  const began = performance.now()
  await work.run()
  const ms = performance.now() - began
  const { user, system } = process.cpuUsage(cpuBefore)
  return { ms, cpuS: (user + system) / 1e6, rssPeakMb: Math.max(0, peakMb() - idleMb) }
}

// Whoever started it is gone, or everything is done: connections that are still open keep nothing alive.
process.once('disconnect', () => process.exit())

const orders = { run: told('run'), facts: told('facts'), close: told('close') }
try {
  const job: Job = JSON.parse(process.argv[2] ?? '{}')
  const { open }: { open: OpenWork } = await import(job.module)
  const work = await open(job.input)
  await settle()
  const idleMb = residentMb()
  await work.warmUp()
  await settle()
  send({ kind: 'ready' })
  await orders.run
  send({ kind: 'done', report: await measure(work, idleMb) })
  await orders.facts
  send({ kind: 'facts', facts: await work.facts() })
  await orders.close
  await work.close()
} catch (error) {
  send({ kind: 'failed', error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
} finally {
  process.disconnect()
}
