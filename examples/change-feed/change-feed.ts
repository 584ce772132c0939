/**
 * Follows what a sync changed: the ordered change log is read from the last position on, as a mailer, a search
 * index or an audit trail would. Run it with `npm run example:change-feed`.
 */
import { openEmbeddedStore } from '@syncline/adapter-postgres'
import { createSyncline, defineConnector, type UpstreamRecord } from '@syncline/core'
import { z } from 'zod'

const team = (id: string, displayName: string): UpstreamRecord => ({
  externalId: id,
  displayName,
  attributes: {},
})
let upstream = [team('1', 'Design'), team('2', 'Research'), team('3', 'Support')]

const wiki = defineConnector({
  type: 'wiki',
  displayName: 'Wiki',
  configSchema: z.object({}),
  resourceTypes: { group: { list: async () => ({ success: true, payload: { resources: upstream } }) } },
})

const store = await openEmbeddedStore()
const syncline = createSyncline({ store, connectorTypes: [wiki] })
await syncline.connectors.save({ connectorId: 'wiki', type: 'wiki' })
const groups = { connectorId: 'wiki', resourceType: 'group' }

let position = 0
async function follow(title: string): Promise<void> {
  console.log(title)
  for (const change of await syncline.changes.read({ ...groups, after: position })) {
    console.log(`  ${change.position} ${change.kind} ${change.externalId}`)
    position = change.position
  }
}

await syncline.sync(groups)
await follow('first sync')

upstream = [team('1', 'Design'), team('2', 'User research')]
await syncline.sync(groups)
await follow('one renamed, one gone')

await syncline.sync(groups)
await follow('nothing happened')
await store.close()
