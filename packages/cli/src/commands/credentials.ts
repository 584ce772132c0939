import { text } from 'node:stream/consumers'
import { type CredentialInput, SyncError } from '@syncline/core'
import type { Command } from 'commander'
import { z } from 'zod'
import { minute } from '../number-format.ts'
import { printable } from '../printable.ts'
import { inSession, type SharedFlags } from '../session.ts'
import { table } from '../table.ts'
import type { CommandContext } from './command-context.ts'

interface CredentialFlags extends SharedFlags {
  readonly tenant?: string
}

export function credentialsCommand(program: Command, { terminal }: CommandContext): void {
  const credentials = program
    .command('credentials')
    .summary('which credentials are stored; save or remove one')
    .description('Lists credentials by reference, with the names of their values. Values cannot be read.')
    .option('--tenant <id>', 'only of this tenant')
    .option('--json', 'print one JSON document')
    .action(async function (this: Command) {
      const { tenant, json } = this.optsWithGlobals<CredentialFlags>()
      await inSession(this, {}, async ({ syncline }) => {
        const list = await syncline.credentials.list({ tenantId: tenant })
        if (json) {
          terminal.print(JSON.stringify(list))
          return
        }
        if (list.length === 0) {
          terminal.print('No credential is stored.')
          return
        }
        const rows = list.map((one) => [
          printable(one.ref),
          printable(one.tenantId),
          one.state,
          printable(one.names.join(', ')),
          one.expiresAt ? minute(one.expiresAt) : '–',
        ])
        terminal.print(table(['credential', 'tenant', 'state', 'values', 'expires'], rows, terminal))
      })
    })
  credentials
    .command('set <ref>')
    .description(
      'Creates or replaces a credential with the JSON object of strings that it reads from standard input.',
    )
    .option('--tenant <id>', 'tenant it belongs to', 'default')
    .addHelpText('after', `\nExample:\n  echo '{"token":"…"}' | syncline credentials set acme`)
    .action(async function (this: Command, ref: string) {
      const { tenant: tenantId } = this.optsWithGlobals<CredentialFlags>()
      const values = parseValues(await text(process.stdin))
      await inSession(this, {}, async ({ syncline }) => {
        const saved = await syncline.credentials.save({ tenantId, ref, values })
        terminal.print(`${printable(ref)} is saved: ${printable(saved.names.join(', '))}`)
      })
    })
  credentials
    .command('remove <ref>')
    .description('Removes a credential. Connectors that name it can no longer sync.')
    .option('--tenant <id>', 'tenant it belongs to', 'default')
    .action(async function (this: Command, ref: string) {
      const { tenant: tenantId } = this.optsWithGlobals<CredentialFlags>()
      await inSession(this, {}, async ({ syncline }) => {
        const removed = await syncline.credentials.remove({ tenantId, ref })
        terminal.print(
          removed ? `${printable(ref)} is removed` : `There is no credential "${printable(ref)}"`,
        )
      })
    })
}

const valuesSchema = z.record(z.string(), z.string())

/** Never repeats what it read: it holds secrets. */
function parseValues(input: string): CredentialInput['values'] {
  const parsed = valuesSchema.safeParse(parseJson(input))
  if (parsed.success) return parsed.data
  throw new SyncError(
    'CREDENTIAL_INVALID',
    'Standard input must be one JSON object whose values are strings, such as {"token":"…"}.',
  )
}

function parseJson(input: string): unknown {
  try {
    return JSON.parse(input)
  } catch {
    return undefined
  }
}
