import { type PostSyncRun, type Run, type RunMode, type Scope, SyncError } from '@syncline/core'
import { type Command, Option } from 'commander'
import { applyConfig, changeLine } from '../apply-config.ts'
import { errorLine } from '../error-line.ts'
import { exitCodeOf, exitCodeOfError, exitCodes, worstOf } from '../exit-code.ts'
import { postSyncAdvice, postSyncTable } from '../post-sync-table.ts'
import { showProgress } from '../progress-display.ts'
import { advice, runTable } from '../run-table.ts'
import { openSession, type Session, type SharedFlags } from '../session.ts'
import type { CommandContext } from './command-context.ts'
import { requireConnector } from './require-connector.ts'

interface SyncFlags extends SharedFlags {
  readonly mode?: RunMode
  readonly restart?: boolean
}

export function syncCommand(program: Command, context: CommandContext): void {
  program
    .command('sync')
    .summary('bring the local copy up to date')
    .description(
      'Syncs every connector of the configuration file, or all stored ones where the file has none; one connector, or ' +
        'one resource type of it, when it is named. Connectors of the file that are not stored are added, and fields ' +
        'that the file states differently are changed and reported; everything else keeps its stored value.',
    )
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
  const session = await openSession(flags, { onEvent })
  try {
    for (const change of await applyConfig(session, connector)) terminal.remark(changeLine(change))
    const runs: Run[] = []
    const codes: number[] = []
    const { mode, restart } = flags
    for (const scope of await scopesOf(session, connector, type)) {
      if (signal.aborted) codes.push(exitCodes.unfinished)
      else {
        try {
          runs.push(await session.syncline.sync({ ...scope, mode, restart, signal }))
        } catch (error) {
          // One that is refused does not keep the others from being synced.
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

/** What to sync: of each connector, groups first, because filters of users may need them. */
async function scopesOf(
  session: Session,
  connector: string | undefined,
  type: string | undefined,
): Promise<readonly Scope[]> {
  const { configs } = session.syncline
  const scopes: Scope[] = []
  for (const connectorId of await chosenConnectors(session, connector)) {
    const types = (await configs.list({ connectorId })).map(({ resourceType }) => resourceType)
    scopes.push(
      ...types
        .filter((resourceType) => type === undefined || resourceType === type)
        .toSorted((one, two) => Number(two === 'group') - Number(one === 'group'))
        .map((resourceType) => ({ connectorId, resourceType })),
    )
  }
  if (scopes.length > 0) return scopes
  throw new SyncError('OPTIONS_INVALID', nothingToSync(connector, type))
}

async function chosenConnectors({ config, syncline }: Session, connector: string | undefined) {
  if (connector !== undefined) {
    await requireConnector(syncline, connector)
    return [connector]
  }
  const named = (config.connectors ?? []).map(({ connectorId }) => connectorId)
  if (named.length > 0) return named
  const kept = await syncline.connectors.list()
  return kept.filter(({ status }) => status === 'active').map(({ connectorId }) => connectorId)
}

const nothingToSync = (connector: string | undefined, type: string | undefined): string =>
  type !== undefined
    ? `There is no sync of "${connector} ${type}". Add "${type}" to "sync" of the connector in the configuration file.`
    : 'There is nothing to sync. Add a connector with "sync: { user: {} }" to the configuration file.'

function report({ terminal }: CommandContext, runs: readonly Run[]): void {
  if (runs.length === 0) return
  terminal.print(runTable(terminal, runs))
  for (const line of runs.flatMap(advice)) terminal.print(line)
}

/** Post-syncs of the synced types; a type that is not matched with users has none. */
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
