import type { HttpCall, HttpRequest } from '@syncline/connector-http'
import { SyncError } from '@syncline/core'
import type { AuthifiConfig } from './config-schema.ts'
import { withFilter } from './loopback-filter.ts'

/**
 * Asks for what was changed since, inclusive.
 * @throws DELTA_EXPIRED when no field is known to say it: the engine then begins a full listing
 */
export function changedSince(
  request: HttpRequest,
  modifiedSince: string,
  { config }: HttpCall<AuthifiConfig>,
): HttpRequest {
  const { incremental, filter } = config
  if (incremental)
    return withFilter(request, { where: { [incremental.field]: { gte: modifiedSince } } }, filter)
  throw new SyncError(
    'DELTA_EXPIRED',
    'The config names no field that says when a record was changed (incremental.field); a full listing begins',
  )
}
