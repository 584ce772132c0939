import type { Command } from 'commander'
import { printable } from '../printable.ts'
import { inSession, type SharedFlags } from '../session.ts'
import { table } from '../table.ts'
import type { CommandContext } from './command-context.ts'
import { requireConnector } from './require-connector.ts'

/** `connectors`, `pause` and `resume`. */
export function connectorsCommand(program: Command, context: CommandContext): void {
  const { terminal } = context
  program
    .command('connectors')
    .summary('which connectors are stored')
    .description('Lists the stored connectors, with their tenants.')
    .option('--tenant <id>', 'only of this tenant')
    .option('--json', 'print one JSON document')
    .action(async function (this: Command) {
      const { tenant, json } = this.optsWithGlobals<SharedFlags & { tenant?: string }>()
      await inSession(this, {}, async ({ syncline }) => {
        const list = await syncline.connectors.list({ tenantId: tenant })
        if (json) {
          terminal.print(JSON.stringify(list))
          return
        }
        if (list.length === 0) {
          terminal.print('No connector is stored. Run: syncline sync')
          return
        }
        const head = ['connector', 'tenant', 'type', 'name', 'status', 'credential']
        const rows = list.map((one) =>
          [one.connectorId, one.tenantId, one.type, one.name, one.status, one.credentialRef ?? '–'].map(
            printable,
          ),
        )
        terminal.print(table(head, rows, terminal))
      })
    })
  statusChange(program, context, {
    name: 'pause',
    summary: 'refuse to sync a connector until it is resumed',
    done: 'is paused; resume it with: syncline resume',
  })
  statusChange(program, context, {
    name: 'resume',
    summary: 'let a paused connector sync again',
    done: 'is active',
  })
}

interface StatusChange {
  readonly name: 'pause' | 'resume'
  readonly summary: string
  readonly done: string
}

function statusChange(
  program: Command,
  { terminal }: CommandContext,
  { name, summary, done }: StatusChange,
): void {
  program
    .command(name)
    .summary(summary)
    .argument('<connector>', 'id of the connector')
    .action(async function (this: Command, connectorId: string) {
      await inSession(this, {}, async ({ syncline }) => {
        const { tenantId } = await requireConnector(syncline, connectorId)
        await syncline.connectors[name]({ connectorId, tenantId })
        terminal.print(`${connectorId} ${done}${name === 'pause' ? ` ${connectorId}` : ''}`)
      })
    })
}
