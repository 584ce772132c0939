import { Command } from 'commander'
import type { CommandContext } from './commands/command-context.ts'
import { demoCommand } from './commands/demo.ts'
import { matchCommand } from './commands/match.ts'
import { matchesCommand } from './commands/matches.ts'
import { planCommand } from './commands/plan.ts'
import { resolveCommand } from './commands/resolve.ts'
import { resourcesCommand } from './commands/resources.ts'
import { runsCommand } from './commands/runs.ts'
import { statusCommand } from './commands/status.ts'
import { syncCommand } from './commands/sync.ts'
import { webhookSecretCommand } from './commands/webhook-secret.ts'
import { workCommand } from './commands/work.ts'

/** The whole command line. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('syncline')
    .description(
      'Keeps a faithful local copy of upstream directories: users, groups, roles, devices, tickets.',
    )
    .option('--config <file>', 'configuration file (default: syncline.config.ts in this folder)')
    .option('--data-dir <folder>', 'keep the data in an embedded database in this folder')
    .option('--database-url <url>', 'keep the data in this PostgreSQL database')
    .option('--debug', 'show where an error came from')
    .showHelpAfterError('(see syncline --help)')
    .addHelpText(
      'after',
      `
Exit codes:
  0  success
  1  a run ended in error or timeout, or a check of the demo failed
  2  the command line or the configuration is wrong, or a plan is out of date; nothing was done
  3  a run waits for approval: see what it wants with "syncline runs" or "syncline plan"
  4  a run stopped early and goes on with the next sync

Examples:
  syncline demo                    see it all work, without a server
  syncline sync                    sync everything that syncline.config.ts names
  syncline work                    keep syncing by schedule, until it is stopped
  syncline resources acme user --search ada`,
    )
  syncCommand(program, context)
  workCommand(program, context)
  statusCommand(program, context)
  resourcesCommand(program, context)
  runsCommand(program, context)
  matchCommand(program, context)
  matchesCommand(program, context)
  resolveCommand(program, context)
  planCommand(program, context)
  webhookSecretCommand(program, context)
  demoCommand(program, context)
  return program
}
