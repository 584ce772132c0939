import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findSlapd } from '../../../../test-support/ldap/find-slapd.ts'
import { type Slapd, startSlapd } from '../../../../test-support/ldap/start-slapd.ts'
import { ldifEntry, suffixLdif } from './company-ldif.ts'
import { groupsOf, type LdapStage, setLdapStage, stored } from './ldap-stage.ts'

const binary = await findSlapd()
const person = (uid: string, number: number): string =>
  ldifEntry(`uid=${uid},ou=people,dc=example,dc=com`, {
    objectClass: 'inetOrgPerson',
    uid,
    cn: uid,
    sn: 'X',
    employeeNumber: String(number),
  })
const dn = (uid: string): string => `uid=${uid},ou=people,dc=example,dc=com`
const groupDn = (cn: string): string => `cn=${cn},ou=groups,dc=example,dc=com`
const group = (cn: string, attributes: Record<string, string | readonly string[]>): string =>
  ldifEntry(groupDn(cn), { cn, ...attributes })

const ldif = [
  suffixLdif('dc=example,dc=com'),
  person('ann', 1),
  person('bob', 2),
  person('carl', 3),
  group('unique', {
    objectClass: 'groupOfUniqueNames',
    uniqueMember: [`${dn('ann')}#'0101'B`, dn('bob'), dn('gone')],
  }),
  group('posix', { objectClass: 'posixGroup', gidNumber: '42', memberUid: ['ann', 'carl', 'nobody'] }),
  group('self', { objectClass: 'groupOfNames', member: [groupDn('self'), dn('ann')] }),
  group('left', { objectClass: 'groupOfNames', member: [groupDn('right'), dn('ann')] }),
  group('right', { objectClass: 'groupOfNames', member: [groupDn('left'), dn('bob')] }),
  group('spelling', {
    objectClass: 'groupOfNames',
    member: ['UID=Ann , OU=People,dc=EXAMPLE,dc=com', 'uid=c\\61rl,ou=people,dc=example,dc=com'],
  }),
  group('mixed', {
    objectClass: 'groupOfNames',
    member: [groupDn('unique'), groupDn('posix'), groupDn('vanished')],
  }),
].join('\n')

describe.skipIf(binary === undefined)('members of groups on OpenLDAP', () => {
  let slapd: Slapd

  const membersBy = async (stage: LdapStage): Promise<Record<string, object>> => {
    await stage.syncline.sync(groupsOf)
    const groups = Object.values(await stored(stage, 'group')) as {
      displayName: string
      attributes: Record<string, unknown>
    }[]
    return Object.fromEntries(
      groups.map(({ displayName, attributes: { members, memberGroups, unresolvedMembers } }) => [
        displayName,
        { members, memberGroups, unresolvedMembers },
      ]),
    )
  }
  /** Ids a reader can tell apart. */
  const config = { idAttribute: 'employeeNumber', group: { attributes: {} } }

  beforeAll(async () => {
    if (binary === undefined) return
    slapd = await startSlapd(binary, { ldif })
  })
  afterAll(() => slapd?.stop())

  it('are found by DN however it is spelled, by unique name and by login name; who is missing is named', async () => {
    const stage = await setLdapStage(slapd, { config: { idAttribute: 'cn' } })
    const members = await membersBy(stage)
    expect(members).toMatchObject({
      unique: { members: ['ann', 'bob'], unresolvedMembers: [dn('gone')] },
      posix: { members: ['ann', 'carl'], unresolvedMembers: ['nobody'] },
      spelling: { members: ['ann', 'carl'] },
    })
    expect(members.spelling).toMatchObject({ unresolvedMembers: undefined })
  })

  it('are those of nested groups too, each group once, circles included', async () => {
    const stage = await setLdapStage(slapd, { config: { idAttribute: 'cn' } })
    expect(await membersBy(stage)).toMatchObject({
      self: { members: ['ann'], memberGroups: ['self'] },
      left: { members: ['ann', 'bob'], memberGroups: ['right'] },
      right: { members: ['ann', 'bob'], memberGroups: ['left'] },
      mixed: {
        members: ['ann', 'bob', 'carl'],
        memberGroups: ['posix', 'unique'],
        unresolvedMembers: [groupDn('vanished')],
      },
    })
  })

  it('are the direct ones only where the config says so', async () => {
    const stage = await setLdapStage(slapd, { config: { idAttribute: 'cn', membership: 'direct' } })
    expect(await membersBy(stage)).toMatchObject({
      left: { members: ['ann'], memberGroups: ['right'] },
      mixed: { members: [], memberGroups: ['posix', 'unique'] },
    })
  })

  it.each([
    [{ maxMembers: 2 }, 'maxMembers'],
    [{ maxNestedGroups: 1 }, 'maxNestedGroups'],
  ])('are never cut short: beyond %j the listing is refused', async (limit, option) => {
    const stage = await setLdapStage(slapd, { config: { idAttribute: 'cn', ...limit } })
    expect(await stage.syncline.sync(groupsOf)).toMatchObject({
      status: 'error',
      error: { code: 'UPSTREAM_REJECTED', details: { option } },
      stats: { staled: 0 },
    })
  })

  it('are looked up one by one where the server cannot find entries by an attribute with their DN', async () => {
    const stage = await setLdapStage(slapd, {
      config: { idAttribute: 'cn', dnAttribute: 'distinguishedName' },
    })
    expect(await membersBy(stage)).toMatchObject({ unique: { members: ['ann', 'bob'] } })
  })

  it('leave a group without an id to the quarantine', async () => {
    const stage = await setLdapStage(slapd, { config })
    expect(await stage.syncline.sync(groupsOf)).toMatchObject({ stats: { added: 0, quarantined: 7 } })
  })
})
