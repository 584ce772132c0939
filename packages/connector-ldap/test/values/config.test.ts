import { ldapConfigSchema } from '@syncline/connector-ldap'
import { describe, expect, it } from 'vitest'

const base = { directory: 'openldap', url: 'ldaps://ldap.example.com', baseDn: 'dc=example,dc=com' }
const problems = (config: object): string | undefined =>
  ldapConfigSchema
    .safeParse({ ...base, ...config })
    .error?.issues.map(({ message }) => message)
    .join()

describe('the config', () => {
  it('encrypts, checks certificates and refuses referrals unless told otherwise', () => {
    expect(ldapConfigSchema.parse(base)).toMatchObject({
      startTls: true,
      verifyCertificate: true,
      anonymous: false,
      referrals: 'fail',
    })
  })

  it.each([
    [{ password: 'x' }],
    [{ url: 'http://ldap.example.com' }],
    [{ url: 'ldap://user:secret@ldap.example.com' }],
    [{ url: 'ldap://ldap.example.com/dc=example,dc=com' }],
    [{ user: { filter: '(cn=open' } }],
    [{ user: { filter: '(cn=\\c3\\a9)' } }],
    [{ user: { attributes: { active: 'cn' } } }],
    [{ user: { attributes: { name: 'not an attribute' } } }],
    [{ ca: 'not a certificate' }],
    [{ baseDn: 'dc=x\r\nSET a b' }],
    [{ bindDn: 'cn=x\nQUIT' }],
    [{ serverName: 'x\n' }],
    [{ user: { baseDn: 'dc=x\0' } }],
    [{ group: { filter: '(cn=x\r\nSET a b)' } }],
    [{ group: { filter: '(cn=\\0d\\0aSET a b)' } }],
    [{ idAttribute: { from: 'badge', as: 'list' } }],
  ])('refuses %j', (config) => {
    expect(problems(config)).toBeDefined()
  })

  it.each([
    [{ url: 'ldap://[::1]:3890' }],
    [{ user: { filter: '(&(objectClass=inetOrgPerson)(!(employeeType=robot)))' } }],
    [{ user: { filter: '(memberOf:1.2.840.113556.1.4.1941:=cn=staff,dc=example,dc=com)' } }],
    [{ user: { filter: '(cn=\\2a\\28)' } }],
    [{ user: { filter: ' ( & (objectClass=person) \n ( ! (cn= two  words ) ) ) ' } }],
    [{ idAttribute: { from: 'badge', as: 'guid' } }],
    [{ user: { attributes: { badge: { from: 'badgeNumber', as: 'integer' }, title: null } } }],
  ])('takes %j', (config) => {
    expect(problems(config)).toBeUndefined()
  })
})
