import {
  type ConnectorContext,
  type ConnectorType,
  defineConnector,
  type ListAnswer,
  type ListRequest,
  type ResourceTypeDefinition,
  SyncError,
  type UpstreamRecord,
} from '@syncline/core'
import { z } from 'zod'
import { requestJson } from './request-json.ts'

const configSchema = z.strictObject({
  /** Where the upstream listens: `http://127.0.0.1:4000` */
  baseUrl: z.url({ protocol: /^https?$/ }),
  token: z.string().min(1).optional(),
  /** For one answer, from the first byte sent to the last received. @default 30_000 */
  timeoutMs: z.number().int().positive().default(30_000),
})

export type DirectoryConnectorConfig = z.output<typeof configSchema>

/**
 * Lists the users and groups of the upstream that `startUpstream` serves.
 *
 * A user's attributes hold all it has besides id, name and mail, with the ids of its `groups`; a group's hold
 * `members`, and its parent becomes the record's. Items of a wrong shape are passed on: refusing them one by one
 * is the engine's part.
 */
export const directoryConnector = directoryConnectorFor(['user', 'group'])

/** The same for other types that an upstream serves, such as `role` at `/roles`. */
export function directoryConnectorFor(
  resourceTypes: readonly string[],
): ConnectorType<DirectoryConnectorConfig> {
  const listed = resourceTypes.map((type) => [type, { list: lister(type), incremental: true }] as const)
  const [first = ''] = resourceTypes
  return defineConnector<DirectoryConnectorConfig>({
    type: 'directory',
    displayName: 'Test directory',
    configSchema,
    resourceTypes: Object.fromEntries(listed),
    async check({ config }) {
      await requestJson({ ...config, path: `${first}s`, query: { limit: '1' }, signal: undefined })
    },
  })
}

function lister(resourceType: string): ResourceTypeDefinition<DirectoryConnectorConfig>['list'] {
  const pageSchema = z.object({
    // Deliberately unchecked after mapping: one bad item must not fail its page.
    items: z.array(
      z
        .unknown()
        .transform((item) => toRecord(resourceType, item))
        .pipe(z.custom<UpstreamRecord>()),
    ),
    next: z.string().min(1).optional(),
    total: z.number().int().nonnegative(),
  })
  return async (
    request: ListRequest,
    { config }: ConnectorContext<DirectoryConnectorConfig>,
  ): Promise<ListAnswer> => {
    const { cursor, pageSize, modifiedSince, signal } = request
    const query = { limit: String(pageSize), cursor, modifiedSince }
    const page = pageSchema.safeParse(
      await requestJson({ ...config, path: `${resourceType}s`, query, signal }),
    )
    if (!page.success) {
      throw new SyncError(
        'CONNECTOR_ANSWER_INVALID',
        `Upstream answered no page of ${resourceType}s: ${z.prettifyError(page.error)}`,
      )
    }
    const { items, next, total } = page.data
    return { success: true, payload: { resources: items, nextCursor: next, totalEstimate: total } }
  }
}

function toRecord(resourceType: string, item: unknown): unknown {
  if (!isObject(item)) return item
  const { id, name, mail, parent, ...attributes } = item
  return {
    externalId: id,
    displayName: name,
    email: mail,
    attributes,
    parent: toParent(resourceType, parent),
  }
}

const isObject = (item: unknown): item is Readonly<Record<string, unknown>> =>
  typeof item === 'object' && item !== null && !Array.isArray(item)

const toParent = (resourceType: string, parent: unknown): unknown =>
  parent === undefined || parent === null ? undefined : { resourceType, externalId: parent }
