import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findSlapd } from '../../../../test-support/ldap/find-slapd.ts'
import { type Slapd, startSlapd } from '../../../../test-support/ldap/start-slapd.ts'
import { suffixLdif } from './company-ldif.ts'
import { setLdapStage } from './ldap-stage.ts'

const binary = await findSlapd()

describe.skipIf(binary === undefined)('encryption, against OpenLDAP', () => {
  let slapd: Slapd
  let withoutTls: Slapd

  const check = async (config: Readonly<Record<string, unknown>>, server = slapd): Promise<void> =>
    (await setLdapStage(server, { config: { url: server.url, ...config } })).syncline.connectors.check('corp')

  beforeAll(async () => {
    if (binary === undefined) return
    const ldif = suffixLdif('dc=example,dc=com')
    slapd = await startSlapd(binary, { ldif, global: ['security simple_bind=64'] })
    withoutTls = await startSlapd(binary, { ldif, tls: false })
  })
  afterAll(async () => {
    await slapd?.stop()
    await withoutTls?.stop()
  })

  it('is what ldaps means in any case of letters', async () => {
    const url = slapd.tlsUrl.replace('ldaps', 'LDAPS')
    await expect(check({ url, startTls: false })).resolves.toBeUndefined()
  })

  it('works by StartTLS and by LDAPS with the authority given', async () => {
    await expect(check({})).resolves.toBeUndefined()
    await expect(check({ url: slapd.tlsUrl })).resolves.toBeUndefined()
    await expect(check({ url: slapd.tlsUrl.replace('127.0.0.1', 'localhost') })).resolves.toBeUndefined()
  })

  it.each(['url', 'tlsUrl'] as const)(
    'is refused where nobody vouches for the certificate (%s)',
    async (url) => {
      await expect(check({ url: slapd[url], ca: undefined })).rejects.toMatchObject({
        code: 'UPSTREAM_REJECTED',
        details: { reason: 'SELF_SIGNED_CERT_IN_CHAIN' },
      })
    },
  )

  it.each(['url', 'tlsUrl'] as const)(
    'is refused where the certificate is for another name (%s)',
    async (url) => {
      await expect(check({ url: slapd[url], serverName: 'ldap.other.example' })).rejects.toMatchObject({
        code: 'UPSTREAM_REJECTED',
        details: { reason: 'ERR_TLS_CERT_ALTNAME_INVALID' },
      })
    },
  )

  it('takes any certificate only where the config says so', async () => {
    await expect(
      check({ url: slapd.tlsUrl, ca: undefined, verifyCertificate: false }),
    ).resolves.toBeUndefined()
  })

  it('is not given up for a server without StartTLS', async () => {
    await expect(check({}, withoutTls)).rejects.toMatchObject({
      code: 'UPSTREAM_REJECTED',
      message: expect.stringContaining('no password was sent'),
    })
    await expect(check({ startTls: false }, withoutTls)).resolves.toBeUndefined()
  })

  it('is asked for where the server wants it', async () => {
    await expect(check({ startTls: false })).rejects.toMatchObject({
      code: 'CONNECTOR_CONFIG_INVALID',
      details: { resultCode: 13 },
    })
  })

  it('fails as transient against a port nobody listens on', async () => {
    await expect(check({ url: 'ldaps://127.0.0.1:1' })).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
    })
  })
})
