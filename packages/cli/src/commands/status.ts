import type { Command } from 'commander'
import { count } from '../number-format.ts'
import { postSyncNotice } from '../post-sync-notice.ts'
import { advice, table } from '../run-table.ts'
import { openSession, type SharedFlags } from '../session.ts'
import type { CommandContext } from './command-context.ts'

export function statusCommand(program: Command, { terminal }: CommandContext): void {
  program
    .command('status')
    .summary('how every sync stands')
    .description('Shows for every configured sync how it stands, what it holds and when it runs next.')
    .option('--json', 'print one JSON document')
    .action(async function (this: Command) {
      const flags = this.optsWithGlobals<SharedFlags>()
      const session = await openSession(flags)
      try {
        const { syncline } = session
        const lines = await Promise.all(
          (await syncline.configs.list()).map(async ({ connectorId, resourceType }) => {
            const scope = { connectorId, resourceType }
            const [status, live, stale, quarantine] = await Promise.all([
              syncline.status(scope),
              syncline.resources.list({ ...scope, stale: false, pageSize: 1 }),
              syncline.resources.list({ ...scope, stale: true, pageSize: 1 }),
              syncline.quarantine.list({ ...scope, pageSize: 1 }),
            ])
            return {
              ...scope,
              ...status,
              live: live.total,
              stale: stale.total,
              quarantined: quarantine.total,
            }
          }),
        )
        if (flags.json) {
          terminal.print(JSON.stringify(lines))
          return
        }
        if (lines.length === 0) terminal.print('Nothing has been synced yet: syncline sync')
        else {
          const head = ['connector', 'type', 'status', 'live', 'stale', 'quarantined', 'last run', 'next run']
          const rows = lines.map((line) => [
            line.connectorId,
            line.resourceType,
            line.status,
            count(line.live),
            count(line.stale),
            count(line.quarantined),
            line.latestRun ? `${line.latestRun.status} ${line.latestRun.startedAt.toISOString()}` : '–',
            line.nextRunAt?.toISOString() ?? '–',
          ])
          terminal.print(table(head, rows))
          for (const { latestRun } of lines)
            for (const line of latestRun ? advice(latestRun) : []) terminal.print(line)
          for (const line of lines.flatMap(postSyncNotice)) terminal.print(line)
        }
      } finally {
        await session.close()
      }
    })
}
