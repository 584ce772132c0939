import { existsSync, writeFileSync } from 'node:fs'
import { SyncError } from '@syncline/core'
import type { Command } from 'commander'
import type { CommandContext } from './command-context.ts'

const fileName = 'syncline.config.ts'

export function initCommand(program: Command, { terminal }: CommandContext): void {
  program
    .command('init')
    .summary(`write a first ${fileName}`)
    .description(`Writes a ${fileName} that runs as it is, with a connector to replace with your own.`)
    .action(() => {
      if (existsSync(fileName)) {
        throw new SyncError('OPTIONS_INVALID', `${fileName} is here already; it was not changed.`)
      }
      writeFileSync(fileName, template)
      terminal.print(`${fileName} is written. Try: syncline sync`)
    })
}

const template = `import { defineConfig } from '@syncline/cli'
import { defineConnector } from '@syncline/core'
import { z } from 'zod'

// Replace this with your own connector, or with one of @syncline/connector-scim, -ldap, -http.
const acme = defineConnector({
  type: 'acme',
  displayName: 'Acme',
  configSchema: z.object({}),
  resourceTypes: {
    user: {
      // Called for each page, until it returns no nextCursor.
      list: async () => ({
        success: true,
        payload: {
          resources: [
            { externalId: '1', displayName: 'Ada Lovelace', email: 'ada@acme.example', attributes: {} },
            { externalId: '2', displayName: 'Grace Hopper', email: 'grace@acme.example', attributes: {} },
          ],
        },
      }),
    },
  },
})

export default defineConfig({
  // An embedded database in this folder; for a server: { connectionString: process.env.DATABASE_URL ?? '' }
  store: { dataDir: '.syncline' },
  connectorTypes: [acme],
  connectors: [{ connectorId: 'acme', type: 'acme', sync: { user: {} } }],
})
`
