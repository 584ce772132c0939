import { type Command, Option } from 'commander'
import { minute } from '../number-format.ts'
import { positiveNumber } from '../positive-number.ts'
import { printable } from '../printable.ts'
import { openSession, type SharedFlags } from '../session.ts'
import { table } from '../table.ts'
import type { CommandContext } from './command-context.ts'
import { requireConnector } from './require-connector.ts'

interface ResourceFlags extends SharedFlags {
  readonly search?: string
  readonly stale?: boolean
  readonly live?: boolean
  readonly page: number
  readonly pageSize: number
}

export function resourcesCommand(program: Command, { terminal }: CommandContext): void {
  program
    .command('resources')
    .summary('look at what is stored')
    .description('Lists stored resources of a connector, a page at a time.')
    .argument('<connector>', 'id of the connector')
    .argument('[type]', 'resource type')
    .option('--search <text>', 'part of display name, e-mail or external id')
    .addOption(new Option('--stale', 'only stale ones').conflicts('live'))
    .option('--live', 'only live ones')
    .option('--page <n>', 'page number', positiveNumber, 1)
    .option('--page-size <n>', 'resources per page, up to 2000', positiveNumber, 20)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  syncline resources acme user --search ada\n  syncline resources acme --stale --json',
    )
    .action(async function (this: Command, connectorId: string, resourceType: string | undefined) {
      const { search, stale, live, page, pageSize, ...flags } = this.optsWithGlobals<ResourceFlags>()
      const session = await openSession(flags)
      try {
        await requireConnector(session.syncline, connectorId)
        const which = stale ? true : live ? false : undefined
        const query = { connectorId, resourceType, search, stale: which, page, pageSize }
        const found = await session.syncline.resources.list(query)
        if (flags.json) {
          terminal.print(JSON.stringify(found))
          return
        }
        const rows = found.data.map((resource) => [
          resource.resourceType,
          printable(resource.externalId),
          printable(resource.displayName),
          printable(resource.email ?? '–'),
          resource.staleSince ? `stale since ${minute(resource.staleSince)}` : 'live',
        ])
        if (rows.length > 0)
          terminal.print(table(['type', 'external id', 'display name', 'e-mail', 'state'], rows, terminal))
        const more = found.totalIsExact ? '' : ' or more'
        terminal.print(`page ${found.page} of ${found.totalPages}${more}, ${found.total}${more} in all`)
      } finally {
        await session.close()
      }
    })
}
