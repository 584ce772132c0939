import { type MatchStatus, matchStatuses } from '@syncline/core'
import { type Command, Option } from 'commander'
import { positiveNumber } from '../positive-number.ts'
import { matchTable } from '../post-sync-table.ts'
import { openSession, type SharedFlags } from '../session.ts'
import type { CommandContext } from './command-context.ts'

interface MatchesFlags extends SharedFlags {
  readonly status?: MatchStatus
  readonly search?: string
  readonly page: number
  readonly pageSize: number
}

export function matchesCommand(program: Command, { terminal }: CommandContext): void {
  program
    .command('matches')
    .summary('who is matched with whom, and who is not')
    .description('Lists the matches of a connector, a page at a time.')
    .argument('<connector>', 'id of the connector')
    .argument('[type]', 'resource type', 'user')
    .addOption(new Option('--status <status>', 'only of this status').choices(matchStatuses))
    .option('--search <text>', 'part of display name, e-mail or external id')
    .option('--page <n>', 'page number', positiveNumber, 1)
    .option('--page-size <n>', 'matches per page, up to 2000', positiveNumber, 20)
    .option('--json', 'print one JSON document')
    .action(async function (this: Command, connectorId: string, resourceType: string) {
      const { status, search, page, pageSize, ...flags } = this.optsWithGlobals<MatchesFlags>()
      const session = await openSession(flags)
      try {
        const query = { connectorId, resourceType, status, search, page, pageSize }
        const found = await session.syncline.matches.list(query)
        if (flags.json) {
          terminal.print(JSON.stringify(found))
          return
        }
        if (found.data.length > 0) terminal.print(matchTable(found.data, terminal))
        terminal.print(`page ${found.page} of ${found.totalPages}, ${found.total} in all`)
      } finally {
        await session.close()
      }
    })
}
