import type { Command } from 'commander'
import { openSession, type SharedFlags } from '../session.ts'
import type { CommandContext } from './command-context.ts'

interface WebhookSecretFlags extends SharedFlags {
  readonly keepPrevious: string
  readonly replace?: boolean
  readonly remove?: boolean
}

export function webhookSecretCommand(program: Command, { terminal }: CommandContext): void {
  program
    .command('webhook-secret')
    .summary('make a new secret for the webhooks of a connector')
    .description('Makes a secret for the webhooks of a connector and prints it: it cannot be read again.')
    .argument('<connector>', 'id of the connector')
    .option('--keep-previous <time>', 'accept the present one for so long, too', '24h')
    .option('--replace', 'refuse the present one from now on')
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
        const { configured } = await webhooks.state({ connectorId })
        const keepPreviousFor = flags.replace ? undefined : flags.keepPrevious
        const made = await webhooks.setSecret({ connectorId, keepPreviousFor })
        terminal.print(flags.json ? JSON.stringify(made) : made.secret)
        if (!configured) return
        terminal.remark(
          keepPreviousFor === undefined
            ? 'The previous secret is refused from now on.'
            : `The previous secret is accepted for another ${keepPreviousFor}.`,
        )
      } finally {
        await session.close()
      }
    })
}
