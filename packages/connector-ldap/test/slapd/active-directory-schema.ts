import { ldifEntry } from './company-ldif.ts'

const octets = 'EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40'
const text = 'EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15'
const integer = 'EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27'
const dnText = 'EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12'
const time =
  'EQUALITY generalizedTimeMatch ORDERING generalizedTimeOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24'

const schemaAttributes: readonly (readonly [name: string, kind: string])[] = [
  ['objectGUID', octets],
  ['objectSid', octets],
  ['sAMAccountName', text],
  ['userAccountControl', integer],
  ['primaryGroupID', integer],
  ['accountExpires', integer],
  ['memberOf', dnText],
  ['objectCategory', text],
  ['groupType', integer],
  ['whenChanged', time],
]

const common = 'objectGUID $ objectSid $ sAMAccountName $ memberOf $ objectCategory $ whenChanged'

/**
 * As much of Active Directory's schema as the connector reads, for slapd.conf, under OIDs set aside for experiments.
 * What Active Directory maintains by itself (GUIDs, SIDs, back links, change times) is written by the test.
 */
export const activeDirectorySchema: readonly string[] = [
  'objectidentifier trial 1.3.6.1.4.1.4203.666.11.99',
  ...schemaAttributes.map(
    ([name, kind], index) => `attributetype ( trial:1.${index + 1} NAME '${name}' ${kind} )`,
  ),
  `objectclass ( trial:2.1 NAME 'user' SUP top STRUCTURAL MUST cn MAY ( ${common} $ displayName $ mail $ userAccountControl $ primaryGroupID $ accountExpires ) )`,
  `objectclass ( trial:2.2 NAME 'group' SUP top STRUCTURAL MUST cn MAY ( ${common} $ member $ groupType ) )`,
]

/** S-1-5-21-1-2-3-<relative> */
const sidBytes = (relative: number): Buffer => {
  const bytes = Buffer.from('01050000000000051500000001000000020000000300000000000000', 'hex')
  bytes.writeUInt32LE(relative, 24)
  return bytes
}

/** 00000000-0000-0000-0000-<number> */
const guidBytes = (number: number): Buffer => Buffer.from(number.toString(16).padStart(32, '0'), 'hex')
export const guidOf = (number: number): string =>
  `00000000-0000-0000-0000-${number.toString(16).padStart(12, '0')}`

interface AdEntry {
  readonly number: number
  readonly dn: string
  readonly kind: 'user' | 'group'
  readonly attributes?: Readonly<Record<string, string | readonly string[]>>
}

/** An entry as Active Directory would keep it; its number is the last part of its SID and its GUID. */
export function adEntry({ number, dn, kind, attributes }: AdEntry): string {
  const name = /^CN=([^,]+)/i.exec(dn)?.[1] ?? ''
  const entry = ldifEntry(dn, {
    objectClass: kind,
    cn: name,
    sAMAccountName: name.toLowerCase(),
    objectCategory: kind === 'user' ? 'person' : 'group',
    whenChanged: '20200101000000.0Z',
    ...attributes,
  })
  const bytes = { objectGUID: guidBytes(number), objectSid: sidBytes(number) }
  const lines = Object.entries(bytes).map(([type, value]) => `${type}:: ${value.toString('base64')}\n`)
  return entry.replace(/\n$/, `\n${lines.join('')}`)
}
