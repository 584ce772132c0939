import { SyncError } from '@syncline/core'
import type { Command } from 'commander'
import { count, minute } from '../number-format.ts'
import { positiveNumber } from '../positive-number.ts'
import { printable } from '../printable.ts'
import { inSession, type Session, type SharedFlags } from '../session.ts'
import { table } from '../table.ts'
import type { CommandContext } from './command-context.ts'

export function jobsCommand(program: Command, { terminal }: CommandContext): void {
  const jobs = program
    .command('jobs')
    .summary('what waits for workers, and what failed permanently')
    .description('Counts the jobs of the shared queue and lists its dead letters, newest first.')
    .option('--limit <n>', 'how many dead letters', positiveNumber, 20)
    .option('--json', 'print one JSON document')
    .action(async function (this: Command) {
      const { limit, json } = this.optsWithGlobals<SharedFlags & { limit: number }>()
      await inSession(this, {}, async (session) => {
        requireQueue(session)
        const { syncline } = session
        const counts = await syncline.jobs.counts()
        const deadLetters = await syncline.jobs.deadLetters({ limit })
        if (json) {
          terminal.print(JSON.stringify({ counts, deadLetters }))
          return
        }
        terminal.print(
          Object.entries(counts)
            .map(([state, number]) => `${count(number)} ${state}`)
            .join(' · '),
        )
        if (deadLetters.length === 0) return
        const rows = deadLetters.map(({ jobId, failures, failedAt, error }) => [
          printable(jobId),
          count(failures),
          minute(failedAt),
          `${error.code}: ${printable(error.message)}`,
        ])
        terminal.print(table(['dead letter', 'failures', 'failed', 'error'], rows, terminal))
        terminal.print('  run one again: syncline jobs redrive JOB')
      })
    })
  jobs
    .command('redrive <job>')
    .description('Runs the work of a dead letter again, now.')
    .action(async function (this: Command, jobId: string) {
      await inSession(this, {}, async (session) => {
        requireQueue(session)
        const redriven = await session.syncline.jobs.redrive(jobId)
        if (!redriven)
          throw new SyncError(
            'OPTIONS_INVALID',
            `There is no dead letter "${printable(jobId)}". See: syncline jobs`,
          )
        terminal.print(`${printable(jobId)} runs again`)
      })
    })
}

/** A queue of this process has nothing of others to show. */
function requireQueue({ config }: Session): void {
  if (config.queue) return
  throw new SyncError(
    'OPTIONS_INVALID',
    'The configuration file names no shared queue, so there are no jobs to show. Set "queue", for example to bullmqQueue.',
  )
}
