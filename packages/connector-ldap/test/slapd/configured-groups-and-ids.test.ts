import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findSlapd } from '../../../../test-support/ldap/find-slapd.ts'
import { type Slapd, startSlapd } from '../../../../test-support/ldap/start-slapd.ts'
import { ldifEntry, suffixLdif } from './company-ldif.ts'
import { groupsOf, setLdapStage, stored, usersOf } from './ldap-stage.ts'

const binary = await findSlapd()
const base = 'dc=example,dc=com'
const person = (uid: string, attributes: Record<string, string | readonly string[]> = {}): string =>
  ldifEntry(`uid=${uid},ou=people,${base}`, {
    objectClass: ['inetOrgPerson', 'posixAccount', 'anchored'],
    uid,
    cn: uid,
    sn: uid,
    employeeNumber: uid,
    uidNumber: '1',
    gidNumber: '7',
    homeDirectory: '/',
    ...attributes,
  })
const dn = (uid: string): string => `uid=${uid},ou=people,${base}`
const roleDn = (cn: string): string => `cn=${cn.replace(',', '\\2C')},ou=groups,${base}`
const role = (cn: string, roleOccupant: readonly string[]): string =>
  ldifEntry(roleDn(cn), { objectClass: 'organizationalRole', cn, roleOccupant })
const bytes = (entry: string, hex: string): string =>
  entry.replace(/\n$/, `\nmS-DS-ConsistencyGuid:: ${Buffer.from(hex, 'hex').toString('base64')}\n`)

const global = [
  `attributetype ( 1.3.6.1.4.1.4203.666.11.98.1 NAME 'mS-DS-ConsistencyGuid' EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )`,
  `attributetype ( 1.3.6.1.4.1.4203.666.11.98.3 NAME 'nsAccountLock' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )`,
  `objectclass ( 1.3.6.1.4.1.4203.666.11.98.2 NAME 'anchored' SUP top AUXILIARY MAY ( mS-DS-ConsistencyGuid $ nsAccountLock ) )`,
]
const ldif = [
  suffixLdif(base),
  bytes(person('ann', { nsAccountLock: 'TRUE' }), 'd3185c7c54c421419094aabbccddeeff'),
  bytes(person('ben', { nsAccountLock: 'false' }), Buffer.from('Abcdefghijklmno1').toString('hex')),
  bytes(person('cas'), '00112233445566778899aabbccddeeff'),
  role('inner', [dn('ben')]),
  // Separators, escapes, case and blanks of a member's DN are the server's to compare.
  role('odd, name', ['UID=Cas , OU=People,dc=EXAMPLE,dc=com']),
  role('outer', [
    dn('ann'),
    'CN=Inner, OU=Groups,dc=example,dc=com',
    `cn=odd\\, name,ou=groups,${base}`,
    dn('gone'),
  ]),
  role('circle', [roleDn('outer'), roleDn('circle')]),
  ldifEntry(`cn=posix,ou=groups,${base}`, {
    objectClass: 'posixGroup',
    cn: 'posix',
    gidNumber: '7',
    memberUid: ['ANN', 'nobody'],
  }),
].join('\n')

describe.skipIf(binary === undefined)('what the config lists', () => {
  let slapd: Slapd

  beforeAll(async () => {
    if (binary !== undefined) slapd = await startSlapd(binary, { ldif, global })
  })
  afterAll(() => slapd?.stop())

  const groupsBy = async (config: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> => {
    // Ids a reader can tell apart.
    const stage = await setLdapStage(slapd, {
      config: { user: { filter: '(uid=*)' }, ...config, idAttribute: 'cn' },
    })
    expect(await stage.syncline.sync(groupsOf)).toMatchObject({
      status: 'success',
      stats: { quarantined: 0 },
    })
    const groups = (await stored(stage, 'group')) as Record<string, { attributes: Record<string, unknown> }>
    return Object.fromEntries(
      Object.entries(groups).map(
        ([
          id,
          {
            attributes: { members, memberGroups, unresolvedMembers },
          },
        ]) => [id, { members, memberGroups, unresolvedMembers }],
      ),
    )
  }

  const roles = { memberAttributes: ['roleOccupant'], group: { filter: '(objectClass=organizationalRole)' } }
  const nestedRoles = {
    inner: { members: ['ben'], memberGroups: [] },
    'odd, name': { members: ['cas'], memberGroups: [] },
    outer: {
      members: ['ann', 'ben', 'cas'],
      memberGroups: ['inner', 'odd, name'],
      unresolvedMembers: [dn('gone')],
    },
    circle: { members: ['ann', 'ben', 'cas'], memberGroups: ['circle', 'outer'] },
  }

  it.each([
    ['a batch', {}],
    // The attribute of the DN cannot be searched: each member is read by itself.
    ['single members', { dnAttribute: 'description' }],
  ])('as a group is a group among members, whatever its object class (%s)', async (_, config) => {
    expect(await groupsBy({ ...roles, ...config })).toEqual(nestedRoles)
  })

  it.each([
    ['a batch', {}],
    ['single members', { dnAttribute: 'description' }],
  ])(
    'as groups ends at the base of groups: others that match the filter are people (%s)',
    async (_, config) => {
      const group = {
        filter: '(|(objectClass=organizationalRole)(cn=*))',
        baseDn: `ou=groups,${base}`,
        scope: 'one',
      }
      expect(await groupsBy({ ...roles, ...config, group })).toMatchObject(nestedRoles)
    },
  )

  it('as login names finds users in any case, and by primary group where the config asks for it', async () => {
    const group = { filter: '(objectClass=posixGroup)' }
    expect(await groupsBy({ group })).toEqual({
      posix: { members: ['ann'], memberGroups: [], unresolvedMembers: ['nobody'] },
    })
    expect(await groupsBy({ group, primaryGroupMembers: true })).toEqual({
      posix: { members: ['ann', 'ben', 'cas'], memberGroups: [], unresolvedMembers: ['nobody'] },
    })
  })

  it.each(['mS-DS-ConsistencyGuid', { from: 'ms-ds-consistencyguid', as: 'guid' }])(
    'as an id of sixteen bytes becomes the text of a GUID (%j)',
    async (idAttribute) => {
      const stage = await setLdapStage(slapd, { config: { idAttribute } })
      expect(await stage.syncline.sync(usersOf)).toMatchObject({
        status: 'success',
        stats: { quarantined: 0 },
      })
      expect(Object.keys(await stored(stage, 'user')).toSorted()).toEqual([
        '33221100-5544-7766-8899-aabbccddeeff',
        '64636241-6665-6867-696a-6b6c6d6e6f31',
        '7c5c18d3-c454-4121-9094-aabbccddeeff',
      ])
    },
  )

  it.each([
    [{ from: 'uid', as: 'guid' }, []],
    [{ from: 'mS-DS-ConsistencyGuid', as: 'text' }, ['Abcdefghijklmno1']],
  ])(
    'as an id of another kind is quarantined with a warning, never kept as garbage (%j)',
    async (idAttribute, ids) => {
      const stage = await setLdapStage(slapd, { config: { idAttribute } })
      const run = await stage.syncline.sync(usersOf)
      expect(run.stats.quarantined).toBe(3 - ids.length)
      expect(Object.keys(await stored(stage, 'user'))).toEqual(ids)
      expect(stage.log.filter(({ level }) => level === 'warn')).toContainEqual(
        expect.objectContaining({
          fields: expect.objectContaining({ attribute: idAttribute.from, count: 3 - ids.length }),
          message: expect.stringContaining('name the kind'),
        }),
      )
    },
  )

  it('as locked by nsAccountLock is not active', async () => {
    const stage = await setLdapStage(slapd, { config: { idAttribute: 'uid' } })
    await stage.syncline.sync(usersOf)
    const users = (await stored(stage, 'user')) as Record<string, { attributes: { active?: boolean } }>
    expect(Object.entries(users).map(([id, { attributes }]) => [id, attributes.active])).toEqual([
      ['ann', false],
      ['ben', true],
      ['cas', undefined],
    ])
  })
})
