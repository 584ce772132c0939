import { isSyncError, type PostSyncRun, type Run, type RunMode, SyncError } from '@syncline/core'
import { type Command, Option } from 'commander'
import { exitCodeOf, exitCodeOfError, exitCodes, worstOf } from '../exit-code.ts'
import { postSyncAdvice, postSyncTable } from '../post-sync-table.ts'
import { showProgress } from '../progress-display.ts'
import { advice, runTable } from '../run-table.ts'
import { applyConfig, openSession, type Session, type SharedFlags } from '../session.ts'
import type { CommandContext } from './command-context.ts'

interface SyncFlags extends SharedFlags {
  readonly mode?: RunMode
  readonly restart?: boolean
}

export function syncCommand(program: Command, context: CommandContext): void {
  program
    .command('sync')
    .summary('bring the local copy up to date')
    .description('Syncs what the configuration names: everything, one connector, or one resource type of it.')
    .argument('[connector]', 'id of one connector')
    .argument('[type]', 'one of its resource types')
    .addOption(new Option('--mode <mode>', 'force a mode').choices(['full', 'incremental']))
    .option('--restart', 'begin a new listing even where an earlier one could be resumed')
    .option('--json', 'print every event as a line of JSON, and the runs at the end')
    .addHelpText('after', '\nExamples:\n  syncline sync\n  syncline sync acme user --mode full')
    .action(async function (this: Command, connector: string | undefined, type: string | undefined) {
      await sync(context, { connector, type, flags: this.optsWithGlobals<SyncFlags>() })
    })
}

interface SyncArguments {
  readonly connector: string | undefined
  readonly type: string | undefined
  readonly flags: SyncFlags
}

async function sync(context: CommandContext, { connector, type, flags }: SyncArguments): Promise<void> {
  const { terminal } = context
  const signal = context.interruptible()
  const onEvent = flags.json
    ? (event: object) => terminal.print(JSON.stringify(event))
    : showProgress(terminal)
  const session = await openSession(flags, { onEvent, migrate: true })
  try {
    await applyConfig(session)
    const runs: Run[] = []
    const codes: number[] = []
    const { mode, restart } = flags
    for (const scope of scopesOf(session, connector, type)) {
      if (signal.aborted) codes.push(exitCodes.unfinished)
      else {
        try {
          runs.push(await session.syncline.sync({ ...scope, mode, restart, signal }))
        } catch (error) {
          // One that is refused keeps nobody else from being synced.
          terminal.remark(`${scope.connectorId} ${scope.resourceType}  ${errorLine(error)}`)
          codes.push(exitCodeOfError(error))
        }
      }
    }
    if (flags.json) terminal.print(JSON.stringify({ kind: 'summary', runs }))
    else {
      report(context, runs)
      if (session.config.people) await reportPostSyncs(context, session, runs)
    }
    context.exit(worstOf([exitCodeOf(runs), ...codes]))
  } finally {
    await session.close()
  }
}

/** Groups first: filters of users may ask for them. */
function scopesOf({ config }: Session, connector: string | undefined, type: string | undefined) {
  const scopes = config.connectors
    .filter(({ connectorId }) => connector === undefined || connectorId === connector)
    .flatMap(({ connectorId, sync: settings }) =>
      Object.keys(settings)
        .filter((resourceType) => type === undefined || resourceType === type)
        .toSorted((one, two) => Number(two === 'group') - Number(one === 'group'))
        .map((resourceType) => ({ connectorId, resourceType })),
    )
  if (scopes.length > 0) return scopes
  const wanted = [connector, type].filter(Boolean).join(' ')
  throw new SyncError('OPTIONS_INVALID', `The configuration names no sync of "${wanted}"`)
}

function report({ terminal }: CommandContext, runs: readonly Run[]): void {
  if (runs.length === 0) return
  terminal.print(runTable(terminal, runs))
  for (const line of runs.flatMap(advice)) terminal.print(line)
}

/** How the people of the synced scopes stand; scopes that are not matched have nothing to say. */
async function reportPostSyncs(
  { terminal }: CommandContext,
  { syncline }: Session,
  runs: readonly Run[],
): Promise<void> {
  const postSyncs: PostSyncRun[] = []
  for (const { connectorId, resourceType } of runs)
    postSyncs.push(...(await syncline.postSync.runs({ connectorId, resourceType, limit: 1 })))
  if (postSyncs.length === 0) return
  terminal.print(`\n${postSyncTable(terminal, postSyncs)}`)
  for (const line of postSyncs.flatMap(postSyncAdvice)) terminal.print(line)
}

/** The one line a user sees of an error. */
export const errorLine = (error: unknown): string =>
  isSyncError(error)
    ? `${error.code}: ${error.message}`
    : error instanceof Error
      ? error.message
      : String(error)
