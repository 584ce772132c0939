import { createSyncline, isSyncError } from '@syncline/core'
import { memoryCredentialStore } from '@syncline/core/memory'
import { scriptedConnector } from '@syncline/testing'
import { describe, expect, test } from 'vitest'
import { peopleHosts } from '../people/people-hosts.ts'

/** Names that a store may take for one another: by case, blanks, normal form, pattern, quotes or length. */
const names = [
  'default',
  'Default',
  ' default',
  'default ',
  'default\u200b',
  'd\u00e9faut',
  'de\u0301faut',
  'defa%lt',
  'defa_lt',
  `def'ault"`,
  '["default"]',
  '\ufffd',
  'x'.repeat(254),
  'x'.repeat(255),
]
const refused = ['', 'x'.repeat(256), 'a\0b', 'a\ud800', '\udc00b']

const type = scriptedConnector({
  resourceTypes: {
    user: { pages: [[{ externalId: '1', displayName: 'Ann', email: 'ann@x.example', attributes: {} }]] },
  },
})

describe.each(peopleHosts())('on %s', (_name, open, isAvailable) => {
  test.skipIf(!isAvailable)('tenants whose names differ in any character are different tenants', async () => {
    const host = await open()
    const { store, users, profiles } = host
    const syncline = createSyncline({
      store,
      users,
      profiles,
      credentials: memoryCredentialStore(),
      connectorTypes: [type],
    })
    const numbered = [...names.entries()].map(([number, tenantId]) => ({
      connectorId: `c${number}`,
      tenantId,
    }))
    try {
      for (const { connectorId, tenantId } of numbered) {
        const email = 'ann@x.example'
        await host.put([{ userId: `u-${connectorId}`, tenantId, email, status: 'active' }])
        await syncline.connectors.save({ connectorId, tenantId, type: type.type })
        await syncline.sync({ connectorId, resourceType: 'user' })
      }
      for (const { connectorId, tenantId } of numbered) {
        const scope = { connectorId, resourceType: 'user' }
        expect(await syncline.connectors.list({ tenantId })).toMatchObject([{ connectorId }])
        expect(await syncline.runs.list({ tenantId })).toMatchObject([{ connectorId }])
        expect(await syncline.postSync.actions({ tenantId })).toEqual([])
        const [match] = await syncline.matches.slice({ ...scope, limit: 10 })
        expect(match?.userId, tenantId).toBe(`u-${connectorId}`)
      }
    } finally {
      await host.close()
    }
  })

  test.skipIf(!isAvailable)('a name that a store would alter or cut is refused', async () => {
    const host = await open()
    const syncline = createSyncline({
      store: host.store,
      credentials: memoryCredentialStore(),
      connectorTypes: [type],
    })
    try {
      for (const tenantId of refused) {
        const connector = { connectorId: 'hr', tenantId, type: type.type }
        await expect(syncline.connectors.save(connector)).rejects.toSatisfy((error) =>
          isSyncError(error, 'CONNECTOR_INVALID'),
        )
        const credential = { tenantId, ref: 'hr', values: { token: 'x' } }
        await expect(syncline.credentials.save(credential)).rejects.toSatisfy((error) =>
          isSyncError(error, 'CREDENTIAL_INVALID'),
        )
      }
      expect(await syncline.connectors.list()).toEqual([])
    } finally {
      await host.close()
    }
  })
})
