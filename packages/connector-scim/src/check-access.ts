import type { HttpCall } from '@syncline/connector-http'
import { isSyncError } from '@syncline/core'
import type { ScimConfig } from './config/config-schema.ts'
import { requestCapabilities, requestList } from './protocol/scim-requests.ts'

/**
 * Reads what the server can do, one user and one group. A server without groups passes.
 * @throws UNAUTHORIZED, UPSTREAM_REJECTED, CONNECTOR_ANSWER_INVALID and what the HTTP kit throws
 */
export async function checkAccess(call: HttpCall<ScimConfig>): Promise<void> {
  const { user, group } = call.config
  await requestCapabilities(call)
  await requestList(call, user.endpoint, { count: 1 })
  try {
    await requestList(call, group.endpoint, { count: 1 })
  } catch (error) {
    const status = isSyncError(error, 'UPSTREAM_REJECTED') ? error.details?.status : undefined
    if (status !== 404 && status !== 501) throw error
  }
}
