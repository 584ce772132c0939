import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { checkCommand } from './commands/check.ts'
import type { CommandContext } from './commands/command-context.ts'
import { connectorsCommand } from './commands/connectors.ts'
import { credentialsCommand } from './commands/credentials.ts'
import { demoCommand } from './commands/demo.ts'
import { initCommand } from './commands/init.ts'
import { jobsCommand } from './commands/jobs.ts'
import { matchCommand } from './commands/match.ts'
import { matchesCommand } from './commands/matches.ts'
import { migrateCommand } from './commands/migrate.ts'
import { planCommand } from './commands/plan.ts'
import { quarantineCommand } from './commands/quarantine.ts'
import { resolveCommand } from './commands/resolve.ts'
import { resourcesCommand } from './commands/resources.ts'
import { runsCommand } from './commands/runs.ts'
import { statusCommand } from './commands/status.ts'
import { syncCommand } from './commands/sync.ts'
import { webhookSecretCommand } from './commands/webhook-secret.ts'
import { workCommand } from './commands/work.ts'

const { version }: { version: string } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
)

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
    .version(version, '--version', 'print the version of this command line')
    .showHelpAfterError('(see syncline --help)')
    .addHelpText(
      'after',
      `
Exit codes:
  0  success
  1  a run ended in error or timeout, or a check of the demo failed
  2  the command line or the configuration is wrong, or a plan is out of date; nothing was done
  3  a run waits for approval: see what it wants with "syncline runs" or "syncline plan"
  4  a run stopped early and continues with the next sync

Examples:
  syncline demo                    see it all work, without a server
  syncline init                    write a first configuration file
  syncline sync                    sync every connector of syncline.config.ts
  syncline work                    keep syncing by schedule, until it is stopped
  syncline resources acme user --search ada`,
    )
  initCommand(program, context)
  checkCommand(program, context)
  migrateCommand(program, context)
  syncCommand(program, context)
  workCommand(program, context)
  statusCommand(program, context)
  connectorsCommand(program, context)
  resourcesCommand(program, context)
  quarantineCommand(program, context)
  runsCommand(program, context)
  jobsCommand(program, context)
  matchCommand(program, context)
  matchesCommand(program, context)
  resolveCommand(program, context)
  planCommand(program, context)
  credentialsCommand(program, context)
  webhookSecretCommand(program, context)
  demoCommand(program, context)
  return program
}
