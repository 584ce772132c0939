import type { JsonObject } from '@syncline/core'
import { startWork } from '../processes/start-work.ts'
import type { Job } from '../processes/work.ts'
import type { Measurement } from '../results/result-row.ts'
import type { BenchmarkServer } from '../server/open-server.ts'

export interface MeasuredWork {
  readonly measured: Measurement
  readonly facts: JsonObject
}

/** Runs a job in a warm process of its own, with a checkpoint right before the clock starts. */
export async function measureWork(server: BenchmarkServer, job: Job, records: number): Promise<MeasuredWork> {
  const work = await startWork(job)
  try {
    const stop = await server.meter()
    const { ms, cpuS, rssPeakMb } = await work.run()
    const { walBytes, cpuS: pgCpuS } = await stop()
    const measured = { records, ms, nodeCpuS: cpuS, pgCpuS, walBytes, rssPeakMb }
    return { measured, facts: await work.facts() }
  } finally {
    await work.close()
  }
}

/** The URL of a module of `ways/`. */
export const wayModule = (name: string): string => import.meta.resolve(`../ways/${name}.ts`)
