import { SyncError } from '@syncline/core'
import type { Command } from 'commander'
import { exitCodeOf } from '../exit-code.ts'
import { positiveNumber } from '../positive-number.ts'
import { showProgress } from '../progress-display.ts'
import { advice, runTable } from '../run-table.ts'
import { inSession, type Session, type SessionOptions, type SharedFlags } from '../session.ts'
import { watchRuns } from '../watch-runs.ts'
import type { CommandContext } from './command-context.ts'

interface RunsFlags extends SharedFlags {
  readonly limit: number
  readonly watch?: boolean
}

export function runsCommand(program: Command, context: CommandContext): void {
  const { terminal } = context
  const runs = program
    .command('runs')
    .summary('history of runs; approve or cancel one')
    .description('Lists the latest runs, newest first.')
    .argument('[connector]', 'only of this connector')
    .option('--limit <n>', 'how many', positiveNumber, 20)
    .option('--watch', 'keep showing them, and how far they are, until Ctrl-C')
    .option('--json', 'print one JSON document; with --watch one line for each change of a run')
    .action(async function (this: Command, connectorId: string | undefined) {
      const { json = false, limit, watch } = this.optsWithGlobals<RunsFlags>()
      await inSession(this, watching(this, terminal), async ({ syncline }) => {
        if (watch) {
          const signal = context.interruptible()
          await watchRuns(terminal, syncline, { connectorId, limit, json, signal })
          return
        }
        const list = await syncline.runs.list({ connectorId, limit })
        if (json) terminal.print(JSON.stringify(list))
        else
          terminal.print(
            list.length > 0 ? runTable(terminal, list) : 'There are no runs yet. Run: syncline sync',
          )
      })
    })
  runs
    .command('show <run>')
    .description('Shows one run as JSON: counters, timings per stage, error, checkpoint.')
    .action(function (this: Command, runId: string) {
      return inSession(this, watching(this, terminal), async ({ syncline }) => {
        const run = await syncline.runs.get(runId)
        if (!run) throw new SyncError('RUN_NOT_FOUND', `There is no run ${runId}`)
        terminal.print(JSON.stringify(run, undefined, 2))
      })
    })
  runs
    .command('approve <run>')
    .description('Carries out the removals that a guarded run refused, exactly those, once.')
    .requiredOption('--by <name>', 'who takes the responsibility; kept with the run')
    .action(function (this: Command, runId: string, { by }: { by: string }) {
      return inSession(this, watching(this, terminal), ({ syncline }) =>
        approve(syncline, context, { runId, approvedBy: by }),
      )
    })
  runs
    .command('cancel <run>')
    .description(
      'Asks a running run to stop; the next sync goes on from its checkpoint. A queued one never begins.',
    )
    .action(function (this: Command, runId: string) {
      return inSession(this, watching(this, terminal), async ({ syncline }) => {
        const asked = await syncline.runs.cancel(runId)
        if (!asked) throw new SyncError('RUN_NOT_FOUND', `Run ${runId} is neither running nor queued`)
        terminal.print(`Run ${runId} was asked to stop`)
      })
    })
}

async function approve(
  syncline: Session['syncline'],
  context: CommandContext,
  request: { readonly runId: string; readonly approvedBy: string },
): Promise<void> {
  const run = await syncline.runs.approve(request)
  const { terminal } = context
  terminal.print(runTable(terminal, [run]))
  for (const line of advice(run)) terminal.print(line)
  context.exit(exitCodeOf([run]))
}

/** Shows how far a run is, unless the results are for a program. */
const watching = (command: Command, terminal: CommandContext['terminal']): SessionOptions => ({
  onEvent: command.optsWithGlobals<SharedFlags>().json ? undefined : showProgress(terminal),
})
