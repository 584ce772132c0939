import { readFileSync, writeFileSync } from 'node:fs'
import { type PostSyncPlan, SyncError } from '@syncline/core'
import type { Command } from 'commander'
import { exitCodeOf, exitCodes } from '../exit-code.ts'
import { planSummary, planTable, postSyncAdvice, postSyncTable } from '../post-sync-table.ts'
import { openSession, type SharedFlags } from '../session.ts'
import type { CommandContext } from './command-context.ts'

/** `plan` and `apply`. */
export function planCommand(program: Command, context: CommandContext): void {
  const { terminal } = context
  program
    .command('plan')
    .summary('what post-sync would do; keep it in a file')
    .description('Shows everything that post-sync would do now, and writes nothing.')
    .argument('<connector>', 'id of the connector')
    .argument('[type]', 'resource type', 'user')
    .option('--out <file>', 'keep the plan here, for syncline apply')
    .option('--json', 'print the plan')
    .action(async function (this: Command, connectorId: string, resourceType: string) {
      const { out, ...flags } = this.optsWithGlobals<SharedFlags & { out?: string }>()
      const session = await openSession(flags)
      try {
        const plan = await session.syncline.postSync.plan({ connectorId, resourceType })
        if (out !== undefined) writeFileSync(out, JSON.stringify(plan), { mode: 0o600 })
        if (flags.json) terminal.print(JSON.stringify(plan))
        else {
          // A plan in a file is read there; here its size is enough.
          const shown = out === undefined ? planTable(plan, terminal) : ''
          if (shown !== '') terminal.print(shown)
          terminal.print(planSummary(plan))
        }
        if (plan.guard.tripped) context.exit(exitCodes.guarded)
      } finally {
        await session.close()
      }
    })
  program
    .command('apply')
    .summary('do exactly what a plan says')
    .description('Carries a plan out, or refuses with what has changed since it was made.')
    .argument('<file>', 'a plan of syncline plan --out')
    .option('--approved-by <name>', 'deactivate although the guard tripped; kept in the journal')
    .option('--json', 'print one JSON document')
    .action(async function (this: Command, file: string) {
      const { approvedBy, ...flags } = this.optsWithGlobals<SharedFlags & { approvedBy?: string }>()
      const plan = readPlan(file)
      const session = await openSession(flags)
      try {
        const run = await session.syncline.postSync.apply(plan, { approvedBy })
        if (flags.json) terminal.print(JSON.stringify(run))
        else {
          terminal.print(postSyncTable(terminal, [run]))
          for (const line of postSyncAdvice(run)) terminal.print(line)
        }
        context.exit(exitCodeOf([run]))
      } finally {
        await session.close()
      }
    })
}

/** Only read here: `apply` refuses what is no plan. */
function readPlan(file: string): PostSyncPlan {
  try {
    const plan: PostSyncPlan = JSON.parse(readFileSync(file, 'utf8'))
    return plan
  } catch (cause) {
    throw new SyncError('OPTIONS_INVALID', `${file} cannot be read as a plan`, { cause })
  }
}
