import type { Command } from 'commander'
import { openSession, type SharedFlags } from '../session.ts'
import type { CommandContext } from './command-context.ts'

interface WebhookSecretFlags extends SharedFlags {
  readonly keepPrevious?: string
  readonly remove?: boolean
}

export function webhookSecretCommand(program: Command, { terminal }: CommandContext): void {
  program
    .command('webhook-secret')
    .summary('make a new secret for the webhooks of a connector')
    .description('Makes a secret for the webhooks of a connector and prints it: it cannot be read again.')
    .argument('<connector>', 'id of the connector')
    .option('--keep-previous <time>', 'accept the present one for so long, too: 24h, 7d')
    .option('--remove', 'refuse all webhooks of the connector from now on')
    .option('--json', 'print one JSON document')
    .action(async function (this: Command, connectorId: string) {
      const flags = this.optsWithGlobals<WebhookSecretFlags>()
      const session = await openSession(flags)
      const { webhooks } = session.syncline
      try {
        if (flags.remove) {
          const removed = await webhooks.removeSecret({ connectorId })
          terminal.print(flags.json ? JSON.stringify({ removed }) : removed ? 'removed' : 'there was none')
          return
        }
        const made = await webhooks.setSecret({ connectorId, keepPreviousFor: flags.keepPrevious })
        terminal.print(flags.json ? JSON.stringify(made) : made.secret)
      } finally {
        await session.close()
      }
    })
}
