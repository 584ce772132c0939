import { type Match, SyncError, type Syncline } from '@syncline/core'
import { type Command, Option } from 'commander'
import { matchTable } from '../post-sync-table.ts'
import { openSession, type SharedFlags } from '../session.ts'
import type { CommandContext } from './command-context.ts'

interface ResolveFlags extends SharedFlags {
  readonly link?: string
  readonly skip?: boolean
  readonly create?: boolean
  readonly unlink?: boolean
  readonly by: string
  readonly notes?: string
}

export function resolveCommand(program: Command, { terminal }: CommandContext): void {
  program
    .command('resolve')
    .summary('decide one match by hand')
    .description('Links a match to a user, skips it, makes a user for it, or gives it back to post-sync.')
    .argument('<connector>', 'id of the connector')
    .argument('<match>', 'id of the match; see syncline matches')
    .addOption(new Option('--link <user>', 'to this user').conflicts(['skip', 'create', 'unlink']))
    .addOption(new Option('--skip', 'to nobody').conflicts(['create', 'unlink']))
    .addOption(new Option('--create', 'to a new user with its e-mail').conflicts('unlink'))
    .option('--unlink', 'for the next post-sync to decide')
    .requiredOption('--by <name>', 'who decides; kept in the journal')
    .option('--notes <text>', 'why')
    .option('--json', 'print one JSON document')
    .action(async function (this: Command, connectorId: string, matchId: string) {
      const flags = this.optsWithGlobals<ResolveFlags>()
      const session = await openSession(flags)
      try {
        const match = await decide(session.syncline, { connectorId, matchId }, flags)
        terminal.print(flags.json ? JSON.stringify(match) : matchTable([match], terminal))
      } finally {
        await session.close()
      }
    })
}

function decide(
  { matches }: Syncline,
  ref: { readonly connectorId: string; readonly matchId: string },
  { link, skip, create, unlink, by: resolvedBy, notes }: ResolveFlags,
): Promise<Match> {
  if (unlink) return matches.unlink({ ...ref, resolvedBy })
  const action = link !== undefined ? 'link' : skip ? 'skip' : create ? 'create' : undefined
  if (action) return matches.resolve({ ...ref, action, userId: link, notes, resolvedBy })
  throw new SyncError('OPTIONS_INVALID', 'Say what to do: --link USER, --skip, --create or --unlink')
}
