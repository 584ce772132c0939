import type { Command } from 'commander'
import { counted, minute } from '../number-format.ts'
import { positiveNumber } from '../positive-number.ts'
import { printable } from '../printable.ts'
import { inSession, type SharedFlags } from '../session.ts'
import { table } from '../table.ts'
import type { CommandContext } from './command-context.ts'
import { requireConnector } from './require-connector.ts'

interface QuarantineFlags extends SharedFlags {
  readonly page: number
  readonly pageSize: number
}

export function quarantineCommand(program: Command, { terminal }: CommandContext): void {
  program
    .command('quarantine')
    .summary('which records could not be kept, and why')
    .description('Lists the quarantined records of a connector, newest first, a page at a time.')
    .argument('<connector>', 'id of the connector')
    .argument('[type]', 'resource type')
    .option('--page <n>', 'page number', positiveNumber, 1)
    .option('--page-size <n>', 'records per page, up to 2000', positiveNumber, 20)
    .option('--json', 'print one JSON document')
    .action(async function (this: Command, connectorId: string, resourceType: string | undefined) {
      const { page, pageSize, json } = this.optsWithGlobals<QuarantineFlags>()
      await inSession(this, {}, async ({ syncline }) => {
        await requireConnector(syncline, connectorId)
        const found = await syncline.quarantine.list({ connectorId, resourceType, page, pageSize })
        if (json) {
          terminal.print(JSON.stringify(found))
          return
        }
        const rows = found.data.map((record) => [
          record.resourceType,
          printable(record.externalId ?? '–'),
          record.reason,
          printable(record.detail),
          minute(record.quarantinedAt),
        ])
        if (rows.length > 0)
          terminal.print(table(['type', 'external id', 'reason', 'detail', 'since'], rows, terminal))
        terminal.print(`page ${found.page} of ${found.totalPages}, ${counted(found.total, 'record')} in all`)
      })
    })
}
