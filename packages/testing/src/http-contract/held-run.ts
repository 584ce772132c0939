import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Run } from '@syncline/core'
import { type ContractStage, own, record } from './stage.ts'

/** A run that has listed one of its three records. */
export interface HeldRun {
  readonly id: string
  /** Lets it go on, and resolves once it has ended. */
  readonly finish: () => Promise<Run>
  readonly ended: Promise<Run>
}

export async function holdRun({ connector, syncline, gate }: ContractStage): Promise<HeldRun> {
  connector.script('user', [[record('1')], [record('2'), record('3')]])
  const ended = syncline.sync({ connectorId: own, resourceType: 'user' })
  for (;;) {
    const [run] = await syncline.runs.list({ connectorId: own, status: 'running' })
    if (run?.stats.added === 1) {
      const finish = (): Promise<Run> => {
        gate.open()
        return ended
      }
      return { id: run.runId, ended, finish }
    }
    await nextTurn()
  }
}
