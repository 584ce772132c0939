import type { Scope, SyncStatus } from '@syncline/core'
import type { Command } from 'commander'
import { count, minute } from '../number-format.ts'
import { postSyncNotice } from '../post-sync-notice.ts'
import { advice } from '../run-table.ts'
import { inSession, type Session, type SharedFlags } from '../session.ts'
import { table } from '../table.ts'
import type { CommandContext } from './command-context.ts'

export function statusCommand(program: Command, { terminal }: CommandContext): void {
  program
    .command('status')
    .summary('how every sync stands')
    .description(
      'Shows for every configured sync how it stands, what it holds and when it runs next (in UTC).',
    )
    .option('--json', 'print one JSON document')
    .action(async function (this: Command) {
      const { json } = this.optsWithGlobals<SharedFlags>()
      await inSession(this, {}, async ({ syncline }) => {
        const scopes = await syncline.configs.list()
        const lines = await Promise.all(scopes.map((scope) => readLine(syncline, scope)))
        if (json) {
          terminal.print(JSON.stringify(lines))
          return
        }
        if (lines.length === 0) {
          terminal.print('Nothing has been synced yet. Run: syncline sync')
          return
        }
        const head = ['connector', 'type', 'status', 'live', 'stale', 'quarantined', 'last, next run']
        terminal.print(table(head, lines.map(cellsOf), terminal))
        for (const { latestRun } of lines)
          for (const line of latestRun ? advice(latestRun) : []) terminal.print(line)
        for (const line of lines.flatMap(postSyncNotice)) terminal.print(line)
      })
    })
}

type StatusLine = Scope &
  SyncStatus & { readonly live: number; readonly stale: number; readonly quarantined: number }

async function readLine(
  syncline: Session['syncline'],
  { connectorId, resourceType }: Scope,
): Promise<StatusLine> {
  const scope = { connectorId, resourceType }
  const [status, live, stale, quarantine] = await Promise.all([
    syncline.status(scope),
    syncline.resources.list({ ...scope, stale: false, pageSize: 1 }),
    syncline.resources.list({ ...scope, stale: true, pageSize: 1 }),
    syncline.quarantine.list({ ...scope, pageSize: 1 }),
  ])
  return { ...scope, ...status, live: live.total, stale: stale.total, quarantined: quarantine.total }
}

const cellsOf = (line: StatusLine): readonly string[] => [
  line.connectorId,
  line.resourceType,
  line.latestRun?.status === 'guarded' ? 'guarded' : line.status,
  count(line.live),
  count(line.stale),
  count(line.quarantined),
  [
    line.latestRun ? minute(line.latestRun.startedAt) : '–',
    ...(line.nextRunAt ? [minute(line.nextRunAt)] : []),
  ].join('\n'),
]
