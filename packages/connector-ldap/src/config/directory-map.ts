import type { Filter } from 'ldapts'
import type { LdapConfig, ValueKind } from './config-schema.ts'
import { readFilter } from './read-filter.ts'

/** Where an attribute of a record comes from. */
export interface AttributeSource {
  readonly from: string
  readonly as: ValueKind
}

/** How entries of one resource type are found and read. */
export interface EntryMap {
  readonly baseDn: string
  readonly scope: 'sub' | 'one'
  readonly filter: Filter
  /** Whether the filter is the config's own: it may list entries of any object class. */
  readonly isCustom: boolean
  readonly displayName: readonly string[]
  readonly email: string
  readonly attributes: ReadonlyMap<string, AttributeSource>
}

/** A directory's facts with the config's own wishes on top. */
export interface DirectoryMap {
  readonly user: EntryMap
  readonly group: EntryMap
  readonly id: AttributeSource
  readonly dnAttribute: string
  readonly changedAttributes: readonly string[]
  readonly memberAttributes: readonly string[]
  /** Attribute of a group that holds the login names of its members (RFC 2307), and that of a user with the name. */
  readonly memberNames: { readonly attribute: string; readonly userAttribute: string } | undefined
  readonly memberOfAttribute: string | undefined
  /** How users name their primary group, where such users count as its members. */
  readonly primaryGroup: { readonly userAttribute: string; readonly groupAttribute: string } | undefined
  /** Whether binary SIDs and account flags are what Active Directory makes them. */
  readonly activeDirectory: boolean
}

interface ListedPreset {
  readonly filter: string
  readonly displayName: readonly string[]
  readonly attributes: Readonly<Record<string, string | AttributeSource>>
}

interface DirectoryPreset {
  readonly idAttribute: string
  readonly dnAttribute: string
  readonly changedAttributes: readonly string[]
  readonly memberAttributes: readonly string[]
  readonly memberNames: DirectoryMap['memberNames']
  readonly memberOfAttribute: string | undefined
  readonly primaryGroup: NonNullable<DirectoryMap['primaryGroup']>
  readonly user: ListedPreset
  readonly group: ListedPreset
}

const activeDirectory: DirectoryPreset = {
  idAttribute: 'objectGUID',
  dnAttribute: 'distinguishedName',
  changedAttributes: ['whenChanged'],
  memberAttributes: ['member'],
  memberNames: undefined,
  memberOfAttribute: 'memberOf',
  primaryGroup: { userAttribute: 'primaryGroupID', groupAttribute: 'objectSid' },
  user: {
    // Computers are users to the schema, contacts are persons: only both together are people's accounts.
    filter: '(&(objectCategory=person)(objectClass=user))',
    displayName: ['displayName', 'cn', 'sAMAccountName'],
    attributes: {
      username: 'sAMAccountName',
      userPrincipalName: 'userPrincipalName',
      givenName: 'givenName',
      surname: 'sn',
      title: 'title',
      department: 'department',
      company: 'company',
      employeeId: 'employeeID',
      telephoneNumber: 'telephoneNumber',
      mobile: 'mobile',
      manager: 'manager',
      sid: { from: 'objectSid', as: 'sid' },
      accountExpires: { from: 'accountExpires', as: 'filetime' },
    },
  },
  group: {
    filter: '(objectClass=group)',
    displayName: ['displayName', 'cn', 'sAMAccountName'],
    attributes: {
      name: 'sAMAccountName',
      description: 'description',
      groupType: { from: 'groupType', as: 'integer' },
      sid: { from: 'objectSid', as: 'sid' },
    },
  },
}

const openLdap: DirectoryPreset = {
  idAttribute: 'entryUUID',
  dnAttribute: 'entryDN',
  changedAttributes: ['modifyTimestamp', 'createTimestamp'],
  memberAttributes: ['member', 'uniqueMember'],
  memberNames: { attribute: 'memberUid', userAttribute: 'uid' },
  memberOfAttribute: undefined,
  primaryGroup: { userAttribute: 'gidNumber', groupAttribute: 'gidNumber' },
  user: {
    filter: '(objectClass=inetOrgPerson)',
    displayName: ['displayName', 'cn', 'uid'],
    attributes: {
      username: 'uid',
      givenName: 'givenName',
      surname: 'sn',
      title: 'title',
      departmentNumber: 'departmentNumber',
      employeeNumber: 'employeeNumber',
      employeeType: 'employeeType',
      telephoneNumber: { from: 'telephoneNumber', as: 'list' },
      mails: { from: 'mail', as: 'list' },
      manager: 'manager',
    },
  },
  group: {
    filter: '(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup))',
    displayName: ['cn'],
    attributes: {
      description: 'description',
      gidNumber: { from: 'gidNumber', as: 'integer' },
    },
  },
}

/** Puts a directory's facts and a config's wishes together. */
export function directoryMap(config: LdapConfig): DirectoryMap {
  const isActiveDirectory = config.directory === 'active-directory'
  const preset = isActiveDirectory ? activeDirectory : openLdap
  return {
    user: entryMap(config, 'user', preset.user),
    group: entryMap(config, 'group', preset.group),
    id: idSource(config.idAttribute ?? preset.idAttribute),
    dnAttribute: config.dnAttribute ?? preset.dnAttribute,
    changedAttributes: config.changedAttributes ?? preset.changedAttributes,
    memberAttributes: config.memberAttributes ?? preset.memberAttributes,
    memberNames: preset.memberNames,
    memberOfAttribute: config.memberOfAttribute ?? preset.memberOfAttribute,
    primaryGroup: (config.primaryGroupMembers ?? isActiveDirectory) ? preset.primaryGroup : undefined,
    activeDirectory: isActiveDirectory,
  }
}

/** The kinds of well-known ids that come as bytes; for others the config names the kind. */
const idKinds: ReadonlyMap<string, ValueKind> = new Map([
  ['objectguid', 'guid'],
  ['ms-ds-consistencyguid', 'guid'],
  ['msexchmailboxguid', 'guid'],
  ['msexcharchiveguid', 'guid'],
  // Of eDirectory.
  ['guid', 'guid'],
  ['objectsid', 'sid'],
])

function idSource(id: NonNullable<LdapConfig['idAttribute']>): AttributeSource {
  if (typeof id !== 'string') return id
  const [name = ''] = id.toLowerCase().split(';')
  return { from: id, as: idKinds.get(name) ?? 'text' }
}

function entryMap(config: LdapConfig, type: 'user' | 'group', preset: ListedPreset): EntryMap {
  const wished = config[type]
  const attributes = new Map<string, AttributeSource>()
  for (const [name, source] of Object.entries({ ...preset.attributes, ...wished.attributes })) {
    if (source === null) continue
    attributes.set(name, typeof source === 'string' ? { from: source, as: 'text' } : source)
  }
  return {
    baseDn: wished.baseDn ?? config.baseDn,
    scope: wished.scope,
    filter: readFilter(wished.filter ?? preset.filter),
    isCustom: wished.filter !== undefined,
    displayName: wished.displayName ?? preset.displayName,
    email: wished.email ?? 'mail',
    attributes,
  }
}
