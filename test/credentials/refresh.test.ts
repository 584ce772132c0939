import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { openPostgresStore, postgresCredentialStore } from '@syncline/adapter-postgres'
import { createSyncline, type Store, type Syncline } from '@syncline/core'
import { type RecordingSink, recordingSink } from '@syncline/testing'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Database, emptyServerDatabase, serverIsAvailable } from '../../test-support/server-database.ts'
import { keys } from './keys.ts'
import { oauthConnector } from './oauth-connector.ts'
import { type TokenServer, tokenServer } from './token-server.ts'

const rounds = 10
const first = { values: { accessToken: 'access-1', refreshToken: 'refresh-1' }, expiresAt: new Date(0) }
const scope = (connectorId: string) => ({ connectorId, resourceType: 'user' })

describe.skipIf(!serverIsAvailable())('one credential of several processes', () => {
  let database: Database
  let upstream: TokenServer
  let store: Store
  let pool: pg.Pool
  let syncline: Syncline
  let sink: RecordingSink
  let children: ChildProcess[]

  beforeEach(async () => {
    database = await emptyServerDatabase({ migrated: true })
    upstream = await tokenServer()
    store = await openPostgresStore({ connectionString: database.url })
    pool = new pg.Pool({ connectionString: database.url })
    pool.on('connect', (client) => client.on('error', () => {}))
    sink = recordingSink()
    children = []
    const credentials = postgresCredentialStore({ pool, keys })
    const connectorTypes = [oauthConnector()]
    syncline = createSyncline({ store, credentials, connectorTypes, onEvent: sink.onEvent })
    for (const connectorId of ['one', 'two']) {
      const config = { url: upstream.url }
      await syncline.connectors.save({ connectorId, type: 'oauth', config, credentialRef: 'shared' })
      await syncline.configs.save(scope(connectorId))
    }
    await syncline.credentials.save({ ref: 'shared', ...first })
  })
  afterEach(async () => {
    const living = children.filter((child) => child.exitCode === null && child.signalCode === null)
    for (const child of living) child.kill('SIGKILL')
    await Promise.all(living.map((child) => once(child, 'exit')))
    upstream.close()
    await store.close()
    await pool.end()
    await database.drop()
  })

  const start = async (connectorId: string, mode = ''): Promise<ChildProcess> => {
    const child = fork(join(import.meta.dirname, 'sync.child.ts'), [database.url, connectorId, mode], {
      execArgv: ['--conditions=@syncline/source'],
    })
    children.push(child)
    await once(child, 'message')
    return child
  }
  const said = async (child: ChildProcess): Promise<unknown> => (await once(child, 'message'))[0]

  test(`2 processes × 50 expiries at once are one token call, ${rounds} rounds`, async () => {
    const processes = await Promise.all(['one', 'two'].map((connectorId) => start(connectorId)))
    for (let round = 1; round <= rounds; round++) {
      upstream.shut()
      const asking = processes.map(said)
      for (const child of processes) child.send('sync')
      // Both have asked fifty times before the first answer is given.
      expect(await Promise.all(asking), `round ${round}`).toEqual(['asking', 'asking'])
      await expect.poll(() => upstream.calls, { timeout: 10_000 }).toBe(round)
      const done = processes.map(said)
      upstream.open()
      const success = { status: 'success' }
      expect(await Promise.all(done), `round ${round}`).toEqual([success, success])
      expect(upstream.calls, `round ${round}`).toBe(round)
    }
    expect(await syncline.credentials.list()).toMatchObject([{ state: 'active' }])
  })

  test('killed between the answer and its saving, it is surfaced as reauth_required and never looped', async () => {
    const doomed = await start('one', 'die')
    const inHand = new Promise((resolve) => {
      doomed.on('message', (message) => message === 'in hand' && resolve(message))
    })
    doomed.send('sync')
    await inHand
    const exited = once(doomed, 'exit')
    doomed.kill('SIGKILL')
    expect((await exited)[1]).toBe('SIGKILL')
    expect(upstream.calls).toBe(1)
    // What the killed process leaves is a claim that never ended; its lease runs out.
    const { rows } = await database.query(
      `update syncline.credential set claim_until = claim_until - interval '1 minute' returning unended_claims`,
    )
    expect(rows).toEqual([{ unended_claims: 1 }])

    for (let attempt = 1; attempt <= 3; attempt++) {
      const run = await syncline.sync(scope('two'))
      expect(run).toMatchObject({
        status: 'error',
        resumable: true,
        error: { code: 'CREDENTIAL_REAUTH_REQUIRED' },
      })
    }
    // One with the old token, which upstream refused; none after that.
    expect(upstream.calls).toBe(2)
    expect(sink.of('credential.reauth_required')).toMatchObject([{ ref: 'shared', reason: 'rejected' }])
    for (const connectorId of ['one', 'two']) {
      expect(await syncline.status(scope(connectorId))).toMatchObject({ credential: 'reauth_required' })
    }
    expect((await syncline.status(scope('two'))).status).toBe('error')

    const values = { accessToken: 'access-2', refreshToken: 'refresh-2' }
    await syncline.credentials.save({ ref: 'shared', values })
    expect(await syncline.sync(scope('two'))).toMatchObject({ status: 'success', stats: { added: 1 } })
    expect(upstream.calls).toBe(2)
  })
})
