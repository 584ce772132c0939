import { createSyncline } from '@syncline/core'
import { memoryStore } from '@syncline/core/memory'
import type { Command } from 'commander'
import { changeLine, configChanges } from '../apply-config.ts'
import { errorLine } from '../error-line.ts'
import { exitCodes } from '../exit-code.ts'
import { printable } from '../printable.ts'
import { inSession, type Session, type SharedFlags } from '../session.ts'
import { table } from '../table.ts'
import type { CommandContext } from './command-context.ts'
import { requireConnector } from './require-connector.ts'

/** What a connector's check came to. */
interface Checked {
  readonly connectorId: string
  readonly ok: boolean
  readonly problem?: string | undefined
}

export function checkCommand(program: Command, context: CommandContext): void {
  const { terminal } = context
  program
    .command('check')
    .summary('test addresses and credentials of connectors')
    .description(
      'Tests the configuration file, the store, and each connector against its upstream; shows what "syncline sync" would ' +
        'change in the store. Writes nothing. Exits with 1 when a connector fails.',
    )
    .argument('[connector]', 'id of one connector')
    .option('--json', 'print one JSON document')
    .action(async function (this: Command, connectorId: string | undefined) {
      const { json } = this.optsWithGlobals<SharedFlags>()
      await inSession(this, {}, async (session) => {
        const changes = await configChanges(session, connectorId)
        const checked = await checkAll(session, connectorId)
        if (json) terminal.print(JSON.stringify({ connectors: checked, changes }))
        else {
          const rows = checked.map((one) => [one.connectorId, one.ok ? 'ok' : 'failed', one.problem ?? ''])
          terminal.print(
            rows.length === 0
              ? 'There is no connector to check.'
              : table(['connector', 'check', ''], rows, terminal),
          )
          for (const change of changes) terminal.print(`sync would change: ${changeLine(change)}`)
        }
        context.exit(checked.every(({ ok }) => ok) ? exitCodes.success : exitCodes.failed)
      })
    })
}

/** Checks connectors as they would be after a sync: stored fields with those of the file over them. */
async function checkAll(session: Session, only: string | undefined): Promise<readonly Checked[]> {
  const { config, syncline, host } = session
  const stored = await syncline.connectors.list()
  const stated = config.connectors ?? []
  const known = new Set([...stated, ...stored].map(({ connectorId }) => connectorId))
  if (only !== undefined && !known.has(only)) await requireConnector(syncline, only)
  // Connectors of the file may not be stored yet, and a check must not store them.
  const trial = createSyncline({ ...host, store: memoryStore(), queue: undefined })
  const checked: Checked[] = []
  try {
    for (const connectorId of only === undefined ? known : [only]) {
      const kept = stored.find((one) => one.connectorId === connectorId)
      const file = stated.find((one) => one.connectorId === connectorId)
      checked.push(await checkOne(trial, { ...inputOf(kept), ...inputOf(file), connectorId }))
    }
  } finally {
    await trial.stop()
  }
  return checked
}

type Trial = Pick<Session['syncline'], 'connectors'>
type Input = Parameters<Trial['connectors']['save']>[0]

/** Fields of a connector that are stated; a check needs neither its name nor its status. */
function inputOf(connector: Partial<Input> | undefined): Partial<Input> {
  const { type, tenantId, config, credentialRef } = connector ?? {}
  return Object.fromEntries(
    Object.entries({ type, tenantId, config, credentialRef }).filter(([, value]) => value !== undefined),
  )
}

async function checkOne(
  { connectors }: Trial,
  connector: Partial<Input> & { readonly connectorId: string },
): Promise<Checked> {
  const { connectorId, type = '' } = connector
  try {
    await connectors.save({ ...connector, type, connectorId })
    await connectors.check(connectorId)
    return { connectorId, ok: true }
  } catch (error) {
    return { connectorId, ok: false, problem: printable(errorLine(error)) }
  }
}
