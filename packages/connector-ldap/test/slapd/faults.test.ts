import { createLdapConnector } from '@syncline/connector-ldap'
import { createSyncline } from '@syncline/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findSlapd } from '../../../../test-support/ldap/find-slapd.ts'
import { type Slapd, startSlapd } from '../../../../test-support/ldap/start-slapd.ts'
import { companyLdif, ldifEntry } from './company-ldif.ts'
import { adminClient, type LdapStage, setLdapStage, stored, usersOf } from './ldap-stage.ts'
import { readUpstream } from './read-upstream.ts'

const binary = await findSlapd()
const people = 600
const readerDn = 'cn=reader,dc=example,dc=com'
const readerPassword = 'reader-password-of-the-test'
const reader = { bindDn: readerDn, password: readerPassword }
const ldif = [
  companyLdif(people, 3),
  ldifEntry(readerDn, {
    objectClass: ['organizationalRole', 'simpleSecurityObject'],
    cn: 'reader',
    userPassword: readerPassword,
  }),
].join('\n')

describe.skipIf(binary === undefined)('faults of an OpenLDAP server', () => {
  let slapd: Slapd

  const expectAllStored = async (stage: LdapStage): Promise<void> => {
    const client = await adminClient(slapd)
    const upstream = await readUpstream(client, slapd.suffix)
    await client.unbind()
    expect(await stored(stage, 'user')).toEqual(upstream.user)
    expect(Object.keys(upstream.user)).toHaveLength(people)
  }

  beforeAll(async () => {
    if (binary === undefined) return
    slapd = await startSlapd(binary, {
      ldif,
      database: [
        `limits dn.exact="${readerDn}" size.soft=500 size.hard=500 size.pr=unlimited size.prtotal=150`,
      ],
    })
  })
  afterAll(() => slapd?.stop())

  it('killed in the middle of a listing: transient and resumable, and the next run ends the same listing', async () => {
    const stage = await setLdapStage(slapd, { pageSize: 20 })
    let killed: Promise<void> | undefined
    const process = await stage.another({
      limits: { lookAhead: 0 },
      onEvent: (event) => {
        if (event.kind === 'run.progress' && event.stats.pagesProcessed === 3) killed ??= slapd.kill()
      },
    })
    const broken = await process.sync(usersOf)
    expect(killed).toBeDefined()
    await killed
    expect(broken).toMatchObject({
      status: 'error',
      resumable: true,
      error: { code: 'UPSTREAM_UNAVAILABLE' },
    })
    expect(broken.stats.pagesProcessed).toBeGreaterThanOrEqual(3)
    expect(broken.stats.added).toBeLessThan(people)

    await slapd.restart()
    const ended = await process.sync(usersOf)
    expect(ended).toMatchObject({
      status: 'success',
      generation: broken.generation,
      resumedFrom: broken.runId,
      stats: { added: people, updated: 0, unchanged: 0, staled: 0 },
    })
    expect(ended.stats.totalUpstreamRecords).toBe(broken.stats.added + people)
    await expectAllStored(stage)
  })

  it('a run that stops early goes on where it stopped while its connection is open', async () => {
    const stage = await setLdapStage(slapd, { pageSize: 100, limits: { maxPages: 2, lookAhead: 0 } })
    expect(await stage.syncline.sync(usersOf)).toMatchObject({ status: 'partial' })
    expect(await stage.syncline.sync(usersOf)).toMatchObject({ status: 'partial' })
    expect(await stage.syncline.sync(usersOf)).toMatchObject({
      status: 'success',
      stats: { added: people, totalUpstreamRecords: people },
    })
    expect(stage.log.filter(({ message }) => message.includes('begins again'))).toEqual([])
  })

  it('a run that resumes in another process lists again from the start, and counts each record once', async () => {
    const stage = await setLdapStage(slapd, { pageSize: 100 })
    const first = await (await stage.another({ limits: { maxPages: 2, lookAhead: 0 } })).sync(usersOf)
    expect(first).toMatchObject({ status: 'partial', stats: { added: 200 } })
    const second = await (await stage.another()).sync(usersOf)
    expect(second).toMatchObject({
      status: 'success',
      generation: first.generation,
      stats: { added: people, unchanged: 0, staled: 0, totalUpstreamRecords: 200 + people },
    })
    expect(stage.log).toContainEqual(
      expect.objectContaining({ level: 'warn', message: expect.stringContaining('begins again') }),
    )
    await expectAllStored(stage)
  })

  it('a listing that may not begin again is given up, and a new one takes its place', async () => {
    const stage = await setLdapStage(slapd, { pageSize: 100, config: { maxRestarts: 0 } })
    const first = await (await stage.another({ limits: { maxPages: 2, lookAhead: 0 } })).sync(usersOf)
    const second = await (await stage.another()).sync(usersOf)
    expect(second).toMatchObject({
      status: 'success',
      generation: first.generation + 1,
      stats: { staled: 0 },
    })
    const [, expired] = await stage.syncline.runs.list({ connectorId: 'corp', limit: 10 })
    expect(expired).toMatchObject({ status: 'error', error: { code: 'DELTA_EXPIRED' }, resumable: false })
    await expectAllStored(stage)
  })

  it('a size limit never looks like the end: nothing goes stale', async () => {
    const stage = await setLdapStage(slapd, { pageSize: 100 })
    await stage.syncline.sync(usersOf)
    const limited = await stage.another({ values: reader })
    const cut = await limited.sync({ ...usersOf, mode: 'full' })
    expect(cut).toMatchObject({
      status: 'error',
      error: { code: 'UPSTREAM_REJECTED', details: { resultCode: 4 } },
      stats: { staled: 0, unchanged: 100 },
    })
    await expectAllStored(stage)
  })

  it('a wrong password ends the run at once as UNAUTHORIZED, with the password nowhere', async () => {
    const values = { bindDn: slapd.rootDn, password: 'not-the-password' }
    const stage = await setLdapStage(slapd, { values })
    const run = await stage.syncline.sync(usersOf)
    expect(run).toMatchObject({
      status: 'error',
      error: { code: 'UNAUTHORIZED' },
      stats: { pagesProcessed: 0 },
    })
    await expect(stage.syncline.connectors.check('corp')).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    expect(JSON.stringify([run, stage.log])).not.toContain('not-the-password')
  })

  it('a password that was changed in the store meanwhile is read again', async () => {
    const stage = await setLdapStage(slapd, { values: { bindDn: slapd.rootDn, password: 'the-old-one' } })
    expect(await stage.syncline.sync(usersOf)).toMatchObject({ error: { code: 'UNAUTHORIZED' } })
    await stage.another({ values: { bindDn: slapd.rootDn, password: slapd.rootPassword } })
    expect(await stage.syncline.sync(usersOf)).toMatchObject({ status: 'success' })
  })

  it('no credential is refused, unless the config is anonymous', async () => {
    const { store } = await setLdapStage(slapd)
    const definition = await store.connectors.get('corp')
    expect(definition).toBeDefined()
    const bare = createSyncline({
      store,
      connectorTypes: [createLdapConnector()],
      allowedNetworks: ['127.0.0.1'],
    })
    const { config } = definition ?? {}
    await bare.connectors.save({ connectorId: 'corp', type: 'ldap', config, credentialRef: null })
    await expect(bare.connectors.check('corp')).rejects.toMatchObject({ code: 'CONNECTOR_CONFIG_INVALID' })
    await bare.connectors.save({ connectorId: 'corp', type: 'ldap', config: { ...config, anonymous: true } })
    await expect(bare.connectors.check('corp')).resolves.toBeUndefined()
  })

  it('a base that does not exist is an error, not an empty directory', async () => {
    const stage = await setLdapStage(slapd, { config: { user: { baseDn: 'ou=nowhere,dc=example,dc=com' } } })
    await expect(stage.syncline.connectors.check('corp')).rejects.toMatchObject({
      details: { resultCode: 32 },
    })
    expect(await stage.syncline.sync(usersOf)).toMatchObject({
      status: 'error',
      error: { code: 'UPSTREAM_REJECTED', details: { resultCode: 32 } },
    })
  })
})
