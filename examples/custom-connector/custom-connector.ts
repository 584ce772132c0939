/**
 * Syncs from a vendor with a connector of one's own. Run it with `npm run example:custom-connector`.
 */
import { createSyncline } from '@syncline/core'
import { memoryCredentialStore } from '@syncline/core/memory'
import { acme } from './acme-connector.ts'
import { startAcmeVendor } from './acme-vendor.ts'

const vendor = await startAcmeVendor()
const syncline = createSyncline({
  connectorTypes: [acme],
  credentials: memoryCredentialStore(),
  // The stand-in is on this machine; connectors reach public addresses only unless told otherwise.
  allowedNetworks: ['127.0.0.1'],
})
await syncline.credentials.save({
  ref: 'acme',
  values: { clientId: 'syncline', clientSecret: 'acme-secret' },
})
await syncline.connectors.save({
  connectorId: 'acme',
  type: 'acme',
  credentialRef: 'acme',
  config: { baseUrl: vendor.url },
})
await syncline.connectors.check('acme')

const users = { connectorId: 'acme', resourceType: 'user' }
await syncline.configs.save({ ...users, strategy: 'incremental', pageSize: 2 })

async function sync(title: string, resourceType = 'user'): Promise<void> {
  const { status, mode, stats } = await syncline.sync({ connectorId: 'acme', resourceType })
  const { added, updated, unchanged, pagesProcessed } = stats
  console.log(
    `${title}: ${status}, ${mode}, ${added} added, ${updated} updated, ${unchanged} unchanged, ${pagesProcessed} pages`,
  )
}

await sync('first')

const ada = { id: 1, login: 'ada', mail: 'ada@acme.example', updated: new Date().toISOString() }
vendor.people.set(ada.id, ada)
await sync('one changed')

await sync('teams with their members', 'group')
for await (const team of syncline.resources.all({ connectorId: 'acme', resourceType: 'group' })) {
  console.log(team.displayName, JSON.stringify(team.attributes.members))
}
vendor.close()
