import { z } from 'zod'

const positive = z.number().int().positive()
const parameter = z.string().regex(/^[\w.-]+$/, { error: 'must be the name of a query parameter' })
const field = z.string().regex(/^\w+(\.\w+)*$/, { error: 'must be the name of a field, such as nextCursor' })
const pathBelowTenant = z
  .string()
  .regex(/^\/[^?#\s]*[^/?#\s]$/, { error: 'must be a path below the tenant, such as /access-roles' })

/** A page begins behind the last id of the page before: `where: { id: { gt } }`, `order: 'id ASC'`, `limit`. */
const keyset = z.strictObject({ mode: z.literal('keyset') })

/** The answer names the next page by a token. */
const token = z.strictObject({
  mode: z.literal('token'),
  /** Parameter the token is sent back in. @default 'cursor' */
  tokenParameter: parameter.default('cursor'),
  /** Parameter for the number of records wanted. @default 'limit' */
  sizeParameter: parameter.default('limit'),
  /** Field of the answer that holds the token. @default `nextCursor` or `next`, whichever is there */
  tokenField: field.optional(),
})

/** One answer holds everything. */
const none = z.strictObject({ mode: z.literal('none') })

/** What a connector of type `authifi` is configured with. No secret is part of it: those are in the credential. */
export const authifiConfigSchema = z.strictObject({
  /** Address of the instance: `https://login.example`. */
  baseUrl: z
    .url({ protocol: /^https?$/, hostname: /./ })
    .refine((text) => !URL.canParse(text) || new URL(text).href === `${new URL(text).origin}/`, {
      error: 'must be the address of the instance and nothing more, such as https://login.example',
    }),
  /** The tenant as it stands in the addresses of the instance: `/auth/admin/tenants/{tenantId}`. */
  tenantId: z.string().regex(/^(?!\.{1,2}$)[^\s/?#]+$/, {
    error: 'must be the tenant as it stands in addresses, such as acme',
  }),
  /** Scopes to ask for with a token (RFC 6749, section 3.3). @default none: the server gives what the client has */
  scopes: z
    .array(z.string().regex(/^[!#-[\]-~]+$/, { error: 'must be one scope, such as auth.users.list' }))
    .default([]),
  /** How the client proves itself at the token endpoint (RFC 6749, section 2.3.1). @default 'basic' */
  clientAuthentication: z.enum(['basic', 'body']).default('basic'),
  /** How listings are paged. @default { mode: 'keyset' } */
  paging: z.discriminatedUnion('mode', [keyset, token, none]).default({ mode: 'keyset' }),
  /** How LoopBack filters are sent: `filter={"where":…}`, or `filter[where][id][gt]=17`. @default JSON in `filter` */
  filter: z
    .strictObject({
      parameter: parameter.default('filter'),
      style: z.enum(['json', 'brackets']).default('json'),
    })
    .prefault({}),
  /** Field of the answer that holds the list. @default the answer itself, or else `data`, `items` or `results` */
  listField: field.optional(),
  /** Whether to ask for `/users/count` and its like before a full listing. @default true */
  counts: z.boolean().default(true),
  /** Field that says when a record was changed last, on users, groups and roles alike. @default none: listings are full */
  incremental: z.strictObject({ field: field.default('updatedAt') }).optional(),
  /** Reads the members of groups, a request or more for each. @default they are not read */
  members: z
    .strictObject({
      path: pathBelowTenant
        .refine((path) => path.includes('{groupId}'), { error: 'must hold {groupId}' })
        .default('/groups/{groupId}/users'),
    })
    .optional(),
  /** Where roles are listed; older instances have `/roles`. @default '/access-roles' */
  rolesPath: pathBelowTenant.default('/access-roles'),
  /** Requests to the instance, for all connectors with the same credential. @default ten a second, four at once */
  rateLimit: z
    .strictObject({
      windows: z
        .array(z.strictObject({ limit: positive, perMs: positive }))
        .default([{ limit: 10, perMs: 1_000 }]),
      minSpacingMs: positive.optional(),
      concurrency: positive.default(4),
    })
    .prefault({}),
  /** One request, from the first byte sent to the last received. @default 30_000 */
  timeoutMs: positive.default(30_000),
  /** Of one answer, unpacked. @default 67_108_864 (64 MiB) */
  maxAnswerBytes: positive.default(64 * 1024 * 1024),
})

export type AuthifiConfig = z.output<typeof authifiConfigSchema>
