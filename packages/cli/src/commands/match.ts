import type { Command } from 'commander'
import { exitCodeOf } from '../exit-code.ts'
import { postSyncAdvice, postSyncTable } from '../post-sync-table.ts'
import { openSession, type SharedFlags } from '../session.ts'
import type { CommandContext } from './command-context.ts'

export function matchCommand(program: Command, context: CommandContext): void {
  const { terminal } = context
  program
    .command('match')
    .summary('match upstream people with your users, now')
    .description('Runs post-sync: matches, and creates, deactivates and maps where the settings ask for it.')
    .argument('<connector>', 'id of the connector')
    .argument('[type]', 'resource type', 'user')
    .option('--json', 'print one JSON document')
    .action(async function (this: Command, connectorId: string, resourceType: string) {
      const flags = this.optsWithGlobals<SharedFlags>()
      const session = await openSession(flags)
      try {
        const run = await session.syncline.postSync.run({ connectorId, resourceType })
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
