import { type HttpCall, readPath } from '@syncline/connector-http'
import { isSyncError, SyncError } from '@syncline/core'
import type { AuthifiConfig } from './config-schema.ts'
import { countedPages } from './counted-pages.ts'
import { readApiDocument } from './read-api-document.ts'

/**
 * Compares the config with what the instance says: the paths of its API document, where it has one, and two pages of
 * two records of users, groups and roles. What a client may not list is a warning, unless it may list nothing.
 * @throws UNAUTHORIZED, UPSTREAM_REJECTED, CONNECTOR_ANSWER_INVALID, CONNECTOR_CONFIG_INVALID, and what the HTTP kit throws
 */
export async function checkInstance(call: HttpCall<AuthifiConfig>): Promise<void> {
  const { config, context } = call
  const { logger, connectorId } = context
  const paths = ['/users', '/groups', config.rolesPath]
  const described = await readApiDocument(call)
  const missing = paths.filter((path) => described?.every((known) => !known.endsWith(`/tenants/{}${path}`)))
  if (missing.length > 0)
    logger.warn({ connectorId, missing }, 'the API document of Authifi lacks these paths')
  const refusals: SyncError[] = []
  for (const path of paths) {
    try {
      checkChangedField(call, path, await readSamples(call, path))
    } catch (error) {
      if (!isSyncError(error, 'UPSTREAM_REJECTED')) throw error
      refusals.push(error)
      logger.warn({ connectorId, error }, 'Authifi does not let this be listed')
    }
  }
  const [first] = refusals
  if (first && refusals.length === paths.length) throw first
}

/** Two pages of two records each: the first shows an order, the second that the first leads on. */
async function readSamples(call: HttpCall<AuthifiConfig>, path: string): Promise<readonly unknown[]> {
  const { config, context, send, signal } = call
  const pages = countedPages(config)
  const turn = { pageSize: 2, request: { path }, send, select: () => [], clock: context.clock, signal }
  const first = await pages.readPage({ ...turn, cursor: undefined })
  const second = first.next === undefined ? undefined : await pages.readPage({ ...turn, cursor: first.next })
  return [...first.items, ...(second?.items ?? [])]
}

const usualField = 'updatedAt'

/** Whether records say when they were changed, and where. */
function checkChangedField(
  { config, context }: HttpCall<AuthifiConfig>,
  path: string,
  samples: readonly unknown[],
): void {
  const { incremental } = config
  const has = (field: string): boolean =>
    samples.length > 0 && samples.every((sample) => readPath(sample, field) !== undefined)
  if (!incremental && has(usualField)) {
    context.logger.info(
      { connectorId: context.connectorId, path, field: usualField },
      'records say when they were changed: with `incremental` in the config only changes need be listed',
    )
  }
  if (!incremental || samples.length === 0 || has(incremental.field)) return
  throw new SyncError(
    'CONNECTOR_CONFIG_INVALID',
    `Records of ${path} have no field ${incremental.field}: change incremental.field of the config, or leave it out`,
  )
}
