import type { Syncline } from '@syncline/core'
import type { Settings } from './settings.ts'
import type { Upstreams } from './upstreams/find-upstreams.ts'

/**
 * Tenant acme has an Authifi, tenant globex a SCIM service provider; both are listed every six hours, and people who
 * are new become unconfirmed users. Saved at every start, so that a changed environment counts.
 * @returns the webhook secret of globex-scim
 */
export async function connectUpstreams(
  syncline: Syncline,
  { authifi, scim }: Upstreams,
  { webhookSecret }: Settings,
): Promise<string> {
  const { baseUrl, tenantId, ...client } = authifi
  await syncline.credentials.save({ tenantId: 'acme', ref: 'authifi', values: client })
  await syncline.connectors.save({
    connectorId: 'acme-authifi',
    type: 'authifi',
    tenantId: 'acme',
    credentialRef: 'authifi',
    config: { baseUrl, tenantId },
  })
  await syncline.credentials.save({ tenantId: 'globex', ref: 'scim', values: { token: scim.token } })
  await syncline.connectors.save({
    connectorId: 'globex-scim',
    type: 'scim',
    tenantId: 'globex',
    credentialRef: 'scim',
    config: { baseUrl: scim.baseUrl },
  })
  for (const connectorId of ['acme-authifi', 'globex-scim']) {
    const schedule = { connectorId, enabled: true, cronSchedule: '0 */6 * * *' }
    await syncline.configs.save({ ...schedule, resourceType: 'user', createUsers: true })
    await syncline.configs.save({ ...schedule, resourceType: 'group' })
  }
  const { secret } = await syncline.webhooks.setSecret({ connectorId: 'globex-scim', secret: webhookSecret })
  return secret
}
