import { z } from 'zod'
import { hasControlCharacter } from './control-characters.ts'
import { readFilter } from './read-filter.ts'

/** How the values of an LDAP attribute become JSON. */
const valueKinds = [
  'text',
  'list',
  'boolean',
  'integer',
  'time',
  'filetime',
  'guid',
  'sid',
  'base64',
] as const

/** The kinds that an external id can have. */
const idKinds = ['text', 'guid', 'sid', 'base64'] as const

const attributeName = z.string().regex(/^[A-Za-z][A-Za-z0-9-]*(;[A-Za-z0-9-]+)*$|^\d+(\.\d+)+$/, {
  error: 'must be the name of an LDAP attribute, such as mail',
})

/** Names that the connector fills itself. */
const reservedNames = new Set([
  'active',
  'dn',
  'groups',
  'memberGroups',
  'members',
  'unresolvedGroups',
  'unresolvedMembers',
])

const attributeMap = z.record(
  z.string().refine((name) => !reservedNames.has(name), { error: 'is a name the connector fills itself' }),
  z.union([
    attributeName,
    z.strictObject({ from: attributeName, as: z.enum(valueKinds).default('text') }),
    z.null(),
  ]),
)

const filter = z.string().superRefine((text, check) => {
  try {
    readFilter(text)
  } catch (error) {
    check.addIssue(`is no LDAP filter (RFC 4515): ${error instanceof Error ? error.message : String(error)}`)
  }
})

/** Text that is sent to the server. */
const wireText = z
  .string()
  .min(1)
  .refine((text) => !hasControlCharacter(text), { error: 'must not have control characters' })

const listed = z.strictObject({
  /** Where to search. @default the config's `baseDn` */
  baseDn: wireText.optional(),
  /** `sub`: the base and everything below; `one`: its direct children. @default 'sub' */
  scope: z.enum(['sub', 'one']).default('sub'),
  /** Which entries are meant, RFC 4515. @default by directory */
  filter: filter.optional(),
  /** LDAP attributes tried in turn for the display name. @default by directory */
  displayName: z.array(attributeName).min(1).optional(),
  /** @default 'mail' */
  email: attributeName.optional(),
  /** More attributes of a record: its name to the LDAP attribute, `null` to leave out one of the directory's own. */
  attributes: attributeMap.default({}),
})

const positive = z.number().int().positive()

/** What a connector of type `ldap` is configured with. No secret is part of it: those are in the credential. */
export const ldapConfigSchema = z.strictObject({
  /** Which attribute map and filters to start from. */
  directory: z.enum(['active-directory', 'openldap']),
  /** `ldaps://host[:636]` or `ldap://host[:389]`. Name one server: change times differ between replicas. */
  url: z.url({ protocol: /^ldaps?$/, hostname: /./ }).refine(hasNothingBesideHost, {
    error: 'must be ldap(s)://host[:port] and nothing more',
  }),
  /** On `ldap://`: encrypt before anything is sent, or fail. `false` sends the password readable by everyone. @default true */
  startTls: z.boolean().default(true),
  /** PEM of the authorities that may sign the server's certificate. @default Node's own list */
  ca: z.string().includes('-----BEGIN CERTIFICATE-----').optional(),
  /** The name the certificate must carry. @default the URL's host */
  serverName: wireText.optional(),
  /** `false` accepts any certificate, and so anyone who stands between. @default true */
  verifyCertificate: z.boolean().default(true),
  /** Who logs in: a DN, or `user@domain` on Active Directory. May stand in the credential instead, beside the password. */
  bindDn: wireText.optional(),
  /** Search without logging in; the server decides what that shows. @default false */
  anonymous: z.boolean().default(false),
  /** Where users, groups and their members are, such as `dc=example,dc=com`. */
  baseDn: wireText,
  user: listed.prefault({}),
  group: listed.prefault({}),
  /**
   * Attribute that becomes the external id. Must never change and never be used again. One of bytes is named with its
   * kind, unless it is a well-known one. @default objectGUID, entryUUID
   */
  idAttribute: z
    .union([attributeName, z.strictObject({ from: attributeName, as: z.enum(idKinds).default('text') })])
    .optional(),
  /** Attribute that holds an entry's own DN, for looking members up in batches. @default distinguishedName, entryDN */
  dnAttribute: attributeName.optional(),
  /** Attributes that say when an entry was changed or made, for incremental listings. @default by directory */
  changedAttributes: z.array(attributeName).min(1).optional(),
  /** Attributes of a group that hold the DNs of its members. @default member, and uniqueMember on OpenLDAP */
  memberAttributes: z.array(attributeName).optional(),
  /** `nested`: `members` also holds whoever is in it through other groups. @default 'nested' */
  membership: z.enum(['nested', 'direct']).default('nested'),
  /** Attribute of a user that holds the DNs of its groups; without one, users carry no `groups`. @default memberOf on Active Directory */
  memberOfAttribute: attributeName.optional(),
  /**
   * Whether users whose primary group it is are members of a group: by `primaryGroupID` on Active Directory, elsewhere
   * by `gidNumber`. @default true on Active Directory, else false
   */
  primaryGroupMembers: z.boolean().optional(),
  /** What a part of the directory on another server means. `ignore` lists without it and logs a warning. @default 'fail' */
  referrals: z.enum(['fail', 'ignore']).default('fail'),
  /** How long the server may stay silent. @default 30_000 */
  timeoutMs: positive.default(30_000),
  /** How long a listing's connection waits for the next page to be asked for. @default 300_000 (5 min) */
  idleMs: positive.default(300_000),
  /** How often one listing may begin again because its connection was lost. @default 5 */
  maxRestarts: z.number().int().nonnegative().default(5),
  /** Of one answer of the server. @default 67_108_864 (64 MiB) */
  maxAnswerBytes: positive.default(64 * 1024 * 1024),
  /** Of one group, nested ones included; more is refused. @default 100_000 */
  maxMembers: positive.default(100_000),
  /** Groups looked at for the members of one group; more is refused. @default 1_000 */
  maxNestedGroups: positive.default(1_000),
})

export type LdapConfig = z.output<typeof ldapConfigSchema>
export type ValueKind = (typeof valueKinds)[number]

function hasNothingBesideHost(text: string): boolean {
  const { pathname, search, hash, username, password } = new URL(text)
  return [search, hash, username, password].every((part) => part === '') && /^\/?$/.test(pathname)
}
