import { once } from 'node:events'
import type { Command } from 'commander'
import { applyConfig, changeLine } from '../apply-config.ts'
import { exitCodes } from '../exit-code.ts'
import { openSession, type SharedFlags } from '../session.ts'
import { workLine } from '../work-log.ts'
import type { CommandContext } from './command-context.ts'

export function workCommand(program: Command, context: CommandContext): void {
  program
    .command('work')
    .summary('run schedules and queued runs until it is stopped')
    .description(
      'Runs what is due by its schedule (cronSchedule of an enabled config) and what was triggered, resumes runs whose process died, and removes what is past its retention, until Ctrl-C or SIGTERM: then it ends its runs as resumable. Changes in the store only what the configuration file states, as sync does.',
    )
    .option('--json', 'print every event as a line of JSON')
    .addHelpText('after', '\nExample:\n  syncline work --database-url postgres://localhost/syncline')
    .action(async function (this: Command) {
      await work(context, this.optsWithGlobals<SharedFlags>())
    })
}

async function work(context: CommandContext, flags: SharedFlags): Promise<void> {
  const { terminal } = context
  const signal = context.interruptible()
  const session = await openSession(flags, {
    onEvent(event) {
      const line = flags.json ? JSON.stringify(event) : workLine(event)
      if (line !== undefined) terminal.print(line)
    },
  })
  try {
    for (const change of await applyConfig(session)) terminal.remark(changeLine(change))
    await session.syncline.start()
    terminal.remark(await greeting(session.syncline))
    if (!signal.aborted) await once(signal, 'abort')
    terminal.remark('Stopping: runs end at their next page and continue next time')
  } finally {
    await session.close()
  }
  context.exit(exitCodes.success)
}

async function greeting({ configs }: Awaited<ReturnType<typeof openSession>>['syncline']): Promise<string> {
  const planned = (await configs.list()).flatMap(({ nextRunAt }) => nextRunAt ?? [])
  if (planned.length === 0) return 'Working; nothing is scheduled. Ctrl-C stops.'
  const next = new Date(Math.min(...planned.map((at) => at.getTime())))
  const schedules = planned.length === 1 ? '1 schedule' : `${planned.length} schedules`
  return `Working on ${schedules}; the next run is due at ${next.toISOString()}. Ctrl-C stops.`
}
