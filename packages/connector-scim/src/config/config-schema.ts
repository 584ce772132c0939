import { z } from 'zod'

const positive = z.number().int().positive()

const endpoint = z
  .string()
  .regex(/^\/[^?#]*[^/?#]$/, { error: 'must be a path below baseUrl, such as /Users' })

/** RFC 7644, section 3.10: a name, a sub-attribute, or either with its schema in front. */
const attributeName = z
  .string()
  .regex(/^[A-Za-z$][\w$:.-]*$/, { error: 'must be a SCIM attribute, such as emails' })

const listed = {
  /** Which resources are meant, RFC 7644, section 3.4.2.2: `active eq true`. @default all */
  filter: z.string().trim().min(1).optional(),
  /** Attributes to ask for and no others; `id` always comes. @default what the server gives by default */
  attributes: z.array(attributeName).min(1).optional(),
  /** Attributes the server is to leave out. @default none */
  excludedAttributes: z.array(attributeName).min(1).optional(),
}

const oneOfThem = {
  error: 'attributes and excludedAttributes exclude each other (RFC 7644, section 3.9)',
}
const notBoth = (type: { attributes?: unknown; excludedAttributes?: unknown }): boolean =>
  type.attributes === undefined || type.excludedAttributes === undefined

const user = z
  .strictObject({
    /** @default '/Users' */
    endpoint: endpoint.default('/Users'),
    ...listed,
  })
  .refine(notBoth, oneOfThem)

const group = z
  .strictObject({
    /** @default '/Groups' */
    endpoint: endpoint.default('/Groups'),
    ...listed,
    /**
     * Where the members of a group are read.
     * ```
     * auto     as listed; a group that is listed without members is asked for by its id
     * listed   as listed, and nothing there means no members
     * fetched  every group is asked for by its id: for large groups, whose list would be too long an answer
     * none     not at all: the server does not show them
     * ```
     * @default 'auto'
     */
    members: z.enum(['auto', 'listed', 'fetched', 'none']).default('auto'),
  })
  .refine(notBoth, oneOfThem)

/** What a connector of type `scim` is configured with. No secret is part of it: those are in the credential. */
export const scimConfigSchema = z.strictObject({
  /** Where the endpoints are: `https://host/scim/v2`. */
  baseUrl: z.url({ protocol: /^https?$/, hostname: /./ }).refine(hasNoExtras, {
    error: 'must be without a user name, password, query and fragment',
  }),
  /**
   * How the connector proves who it is: `bearer` with the credential's value `token`, `basic` with `username` and
   * `password`. @default 'bearer'
   */
  authentication: z.enum(['bearer', 'basic']).default('bearer'),
  user: user.prefault({}),
  group: group.prefault({}),
  /** What the server can do, where its `/ServiceProviderConfig` is missing or wrong. @default what that says */
  supports: z
    .strictObject({
      filter: z.boolean().optional(),
      sort: z.boolean().optional(),
      cursorPaging: z.boolean().optional(),
      /** The most records it gives in a page. */
      maxResults: positive.min(2).optional(),
    })
    .default({}),
  /**
   * Says that a listing without `sortBy` always comes in an order that an update does not change, such as by id or
   * creation. Only say so when the server's maker does. @default false: the connector proves each listing instead
   */
  stableOrder: z.boolean().default(false),
  /** How often one listing by `startIndex` may be read until nothing moved meanwhile. @default 3 */
  maxPasses: positive.default(3),
  /** Requests to the server, for all connectors with the same credential. @default no limit */
  rateLimit: z
    .strictObject({
      windows: z.array(z.strictObject({ limit: positive, perMs: positive })).optional(),
      minSpacingMs: positive.optional(),
      concurrency: positive.optional(),
    })
    .optional(),
  /** One request, from the first byte sent to the last received. @default 30_000 */
  timeoutMs: positive.default(30_000),
  /** Of one answer, unpacked. @default 67_108_864 (64 MiB) */
  maxAnswerBytes: positive.default(64 * 1024 * 1024),
})

export type ScimConfig = z.output<typeof scimConfigSchema>

function hasNoExtras(text: string): boolean {
  if (!URL.canParse(text)) return true
  const { username, password, search, hash } = new URL(text)
  return [username, password, search, hash].every((part) => part === '')
}
