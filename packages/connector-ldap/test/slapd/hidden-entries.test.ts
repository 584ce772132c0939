import { Attribute, Change } from 'ldapts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findSlapd } from '../../../../test-support/ldap/find-slapd.ts'
import { type Slapd, startSlapd } from '../../../../test-support/ldap/start-slapd.ts'
import { ldifEntry, suffixLdif, userDn } from './company-ldif.ts'
import { adminClient, setLdapStage, stored, usersOf } from './ldap-stage.ts'

const binary = await findSlapd()
const blindDn = 'cn=blind,dc=example,dc=com'
const password = 'password-of-the-test'
const account = (dn: string, cn: string): string =>
  ldifEntry(dn, { objectClass: ['organizationalRole', 'simpleSecurityObject'], cn, userPassword: password })
const seeing = 'cn=seeing,dc=example,dc=com'
const people = [6, 7, 8].map((number) =>
  ldifEntry(userDn(number), { objectClass: 'inetOrgPerson', uid: `u${number}`, cn: `P ${number}`, sn: 'X' }),
)
const ldif = [
  suffixLdif('dc=example,dc=com'),
  account(blindDn, 'blind'),
  account(seeing, 'seeing'),
  ...people,
]

describe.skipIf(binary === undefined)('what a bind DN may not see', () => {
  let slapd: Slapd

  beforeAll(async () => {
    if (binary === undefined) return
    slapd = await startSlapd(binary, {
      ldif: ldif.join('\n'),
      database: [
        `access to attrs=userPassword by * auth`,
        `access to attrs=modifyTimestamp,createTimestamp by dn.exact="${blindDn}" none by * read`,
        'access to * by * read',
      ],
    })
  })
  afterAll(() => slapd?.stop())

  it('change times that are hidden fail an incremental listing, which would be empty for ever', async () => {
    const stage = await setLdapStage(slapd, { values: { bindDn: blindDn, password } })
    await stage.syncline.sync(usersOf)
    expect(await stage.syncline.sync({ ...usersOf, mode: 'incremental' })).toMatchObject({
      status: 'error',
      error: { code: 'CONNECTOR_CONFIG_INVALID', message: expect.stringContaining('modifyTimestamp') },
    })
  })

  it('an incremental listing without changes is empty where the times can be seen', async () => {
    const stage = await setLdapStage(slapd, { values: { bindDn: seeing, password } })
    await stage.syncline.sync(usersOf)
    expect(await stage.syncline.sync({ ...usersOf, mode: 'incremental' })).toMatchObject({
      status: 'success',
      stats: { totalUpstreamRecords: 0 },
    })
  })

  it('a change in the very second the last listing began is listed', async () => {
    const stage = await setLdapStage(slapd, { values: { bindDn: seeing, password } })
    await stage.syncline.sync(usersOf)
    const client = await adminClient(slapd)
    const title = new Attribute({ type: 'title', values: ['Quick'] })
    await client.modify(userDn(7), new Change({ operation: 'replace', modification: title }))
    await client.unbind()
    await stage.syncline.sync({ ...usersOf, mode: 'incremental' })
    const titles = Object.values(await stored(stage, 'user')).map((row) =>
      JSON.stringify(row).includes('Quick'),
    )
    expect(titles.filter(Boolean)).toHaveLength(1)
  })
})
