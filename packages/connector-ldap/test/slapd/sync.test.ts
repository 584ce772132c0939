import { Attribute, Change, type Client } from 'ldapts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findSlapd } from '../../../../test-support/ldap/find-slapd.ts'
import { type Slapd, startSlapd } from '../../../../test-support/ldap/start-slapd.ts'
import { companyLdif, groupDn, userDn } from './company-ldif.ts'
import { adminClient, groupsOf, type LdapStage, setLdapStage, stored, usersOf } from './ldap-stage.ts'
import { readUpstream } from './read-upstream.ts'

const binary = await findSlapd()
const people = 2_000
const groups = 50

const replace = (type: string, value: string): Change =>
  new Change({ operation: 'replace', modification: new Attribute({ type, values: [value] }) })
const add = (type: string, value: string): Change =>
  new Change({ operation: 'add', modification: new Attribute({ type, values: [value] }) })
const remove = (type: string, value: string): Change =>
  new Change({ operation: 'delete', modification: new Attribute({ type, values: [value] }) })

describe.skipIf(binary === undefined)('a directory on OpenLDAP, from first sync to removals', () => {
  let slapd: Slapd
  let client: Client
  let stage: LdapStage

  const expectEqualToUpstream = async (): Promise<void> => {
    const upstream = await readUpstream(client, slapd.suffix)
    expect(await stored(stage, 'user')).toEqual(upstream.user)
    expect(await stored(stage, 'group')).toEqual(upstream.group)
  }

  beforeAll(async () => {
    if (binary === undefined) return
    slapd = await startSlapd(binary, { ldif: companyLdif(people, groups) })
    client = await adminClient(slapd)
    stage = await setLdapStage(slapd)
  })

  afterAll(async () => {
    await client?.unbind()
    await slapd?.stop()
  })

  it('passes its check', async () => {
    await expect(stage.syncline.connectors.check('corp')).resolves.toBeUndefined()
  })

  it('brings 2,000 users and 50 nested groups over page by page', async () => {
    const users = await stage.syncline.sync(usersOf)
    expect(users).toMatchObject({
      status: 'success',
      mode: 'full',
      stats: { added: people, pagesProcessed: 10, quarantined: 0, totalUpstreamRecords: people },
    })
    expect(await stage.syncline.sync(groupsOf)).toMatchObject({ status: 'success', stats: { added: groups } })
    await expectEqualToUpstream()
    expect(Object.keys(await stored(stage, 'group'))).toHaveLength(groups)
  })

  it('finds nothing changed the second time', async () => {
    expect(await stage.syncline.sync(usersOf)).toMatchObject({
      status: 'success',
      stats: { added: 0, updated: 0, unchanged: people, staled: 0 },
    })
    const again = await stage.syncline.sync(groupsOf)
    expect(again.stats).toMatchObject({ updated: 0, unchanged: groups })
  })

  it('lists what was added, modified and renamed since, and only that', async () => {
    await client.add('uid=new,ou=people,dc=example,dc=com', {
      objectClass: 'inetOrgPerson',
      uid: 'new',
      cn: 'New Person',
      sn: 'Newcomer',
      mail: 'new@example.com',
    })
    await client.modify(userDn(7), replace('title', 'Chief of Tests'))
    await client.modifyDN(userDn(8), 'uid=renamed8')
    const run = await stage.syncline.sync({ ...usersOf, mode: 'incremental' })
    expect(run).toMatchObject({
      status: 'success',
      mode: 'incremental',
      stats: { added: 1, updated: 2, unchanged: 0, staled: 0, totalUpstreamRecords: 3 },
    })
    const upstream = await readUpstream(client, slapd.suffix)
    expect(await stored(stage, 'user')).toEqual(upstream.user)
  })

  it('lists groups that hold a changed group along with it', async () => {
    await client.modify(groupDn(32), add('member', 'uid=new,ou=people,dc=example,dc=com'))
    await client.modify(groupDn(32), replace('description', 'has changed'))
    const run = await stage.syncline.sync({ ...groupsOf, mode: 'incremental' })
    // 32 is in 16, 8, 4, 2 and 1; 1 is in 50, 50 in 25, 12, 6 and 3.
    expect(run).toMatchObject({ status: 'success', stats: { added: 0, totalUpstreamRecords: 11 } })
    const upstream = await readUpstream(client, slapd.suffix)
    const held = await stored(stage, 'group')
    const listed = [32, 16, 8, 4, 2, 1, 50, 25, 12, 6, 3].map((number) => `g${number}`)
    const isListed = ([, record]: [string, { displayName: string }]): boolean =>
      listed.includes(record.displayName)
    const expected = Object.entries(upstream.group).filter(isListed)
    expect(expected).toHaveLength(listed.length)
    for (const [id, record] of expected) expect(held[id]).toEqual(record)
  })

  it('learns of deletions only by a full sync, which then equals upstream', async () => {
    for (const number of [11, 12, 13]) await client.del(userDn(number))
    await client.modify(groupDn(2), remove('member', groupDn(5)))
    const before = Object.keys(await stored(stage, 'user')).length
    await stage.syncline.sync({ ...usersOf, mode: 'incremental' })
    expect(Object.keys(await stored(stage, 'user'))).toHaveLength(before)

    const run = await stage.syncline.sync({ ...usersOf, mode: 'full' })
    expect(run).toMatchObject({ status: 'success', stats: { staled: 3, added: 0 } })
    await client.del(groupDn(50))
    const groupRun = await stage.syncline.sync({ ...groupsOf, mode: 'full' })
    expect(groupRun).toMatchObject({ status: 'success', stats: { staled: 1 } })
    await expectEqualToUpstream()
  })
})
