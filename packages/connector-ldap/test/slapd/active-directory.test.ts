import { Attribute, Change } from 'ldapts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findSlapd } from '../../../../test-support/ldap/find-slapd.ts'
import { type Slapd, startSlapd } from '../../../../test-support/ldap/start-slapd.ts'
import { activeDirectorySchema, adEntry, guidOf } from './active-directory-schema.ts'
import { suffixLdif } from './company-ldif.ts'
import { adminClient, groupsOf, type LdapStage, setLdapStage, stored, usersOf } from './ldap-stage.ts'

const binary = await findSlapd()
const people = 'ou=people,dc=example,dc=com'
// OpenLDAP spells names of attributes in DNs its own way.
const ann = `cn=Ann,${people}`
const bob = `cn=Bob,${people}`
const domainUsers = `CN=Domain Users,${people}`
const staff = `CN=Staff,${people}`
const everyone = `CN=Everyone,${people}`

const ldif = [
  suffixLdif('dc=example,dc=com'),
  adEntry({
    number: 1001,
    dn: ann,
    kind: 'user',
    attributes: {
      displayName: 'Ann Author',
      mail: 'ann@example.com',
      userAccountControl: '512',
      primaryGroupID: '513',
      memberOf: [staff, 'CN=Elsewhere,DC=other,DC=example'],
      accountExpires: '133485408000000000',
    },
  }),
  adEntry({
    number: 1002,
    dn: bob,
    kind: 'user',
    attributes: { userAccountControl: '514', primaryGroupID: '513', accountExpires: '9223372036854775807' },
  }),
  adEntry({
    number: 513,
    dn: domainUsers,
    kind: 'group',
    attributes: { groupType: '-2147483646', memberOf: everyone },
  }),
  adEntry({ number: 2001, dn: staff, kind: 'group', attributes: { member: ann } }),
  adEntry({ number: 2002, dn: everyone, kind: 'group', attributes: { member: [domainUsers, staff] } }),
].join('\n')

/** OpenLDAP has another use for distinguishedName. */
const config = { directory: 'active-directory', dnAttribute: 'entryDN' }

/** The real thing cannot run here: slapd plays it, with the schema and the values Active Directory would have. */
describe.skipIf(binary === undefined)('entries as Active Directory keeps them', () => {
  let slapd: Slapd
  let stage: LdapStage

  beforeAll(async () => {
    if (binary === undefined) return
    slapd = await startSlapd(binary, { global: activeDirectorySchema, ldif })
    stage = await setLdapStage(slapd, { config })
    await stage.syncline.sync(usersOf)
    await stage.syncline.sync(groupsOf)
  })
  afterAll(() => slapd?.stop())

  it('become users with canonical ids, whether they are active, and their groups, the primary one included', async () => {
    expect(await stored(stage, 'user')).toEqual({
      [guidOf(1001)]: {
        displayName: 'Ann Author',
        email: 'ann@example.com',
        attributes: {
          dn: ann,
          username: 'ann',
          sid: 'S-1-5-21-1-2-3-1001',
          active: true,
          accountExpires: '2024-01-01T00:00:00.000Z',
          groups: [guidOf(513), guidOf(2001)],
          unresolvedGroups: ['CN=Elsewhere,DC=other,DC=example'],
        },
      },
      [guidOf(1002)]: {
        displayName: 'Bob',
        email: null,
        attributes: {
          dn: bob,
          username: 'bob',
          sid: 'S-1-5-21-1-2-3-1002',
          active: false,
          accountExpires: null,
          groups: [guidOf(513)],
        },
      },
    })
  })

  it('become groups with those whose primary group it is, also where it is nested', async () => {
    const groups = await stored(stage, 'group')
    expect(groups[guidOf(513)]).toMatchObject({
      displayName: 'Domain Users',
      attributes: { groupType: -2147483646, members: [guidOf(1001), guidOf(1002)], memberGroups: [] },
    })
    expect(groups[guidOf(2001)]).toMatchObject({ attributes: { members: [guidOf(1001)] } })
    expect(groups[guidOf(2002)]).toMatchObject({
      attributes: { members: [guidOf(1001), guidOf(1002)], memberGroups: [guidOf(513), guidOf(2001)] },
    })
  })

  it('leave primary members and nested ones out where the config says so', async () => {
    const other = await setLdapStage(slapd, {
      config: { ...config, membership: 'direct', primaryGroupMembers: false },
    })
    await other.syncline.sync(groupsOf)
    const groups = await stored(other, 'group')
    expect(groups[guidOf(513)]).toMatchObject({ attributes: { members: [] } })
    expect(groups[guidOf(2002)]).toMatchObject({
      attributes: { members: [], memberGroups: [guidOf(513), guidOf(2001)] },
    })
  })

  it('are listed since their whenChanged', async () => {
    const client = await adminClient(slapd)
    const now = `${new Date(Date.now() + 1_000).toISOString().slice(0, 19).replace(/[-:T]/g, '')}.0Z`
    const replace = (type: string, value: string): Change =>
      new Change({ operation: 'replace', modification: new Attribute({ type, values: [value] }) })
    await client.modify(bob, [replace('userAccountControl', '512'), replace('whenChanged', now)])
    await client.unbind()
    const run = await stage.syncline.sync({ ...usersOf, mode: 'incremental' })
    expect(run).toMatchObject({ status: 'success', stats: { updated: 1, totalUpstreamRecords: 1 } })
    expect((await stored(stage, 'user'))[guidOf(1002)]).toMatchObject({ attributes: { active: true } })
  })
})
