import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PGlite } from '@electric-sql/pglite'
import { postgresCredentialStore, postgresStore } from '@syncline/adapter-postgres'
import { createSyncline, type Logger, type SyncEvent, type Syncline } from '@syncline/core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { migratedPglite } from '../../test-support/pglite-database.ts'
import { dumpTables, placesWith, printed } from './find-canaries.ts'
import { keys } from './keys.ts'
import { leaks, leakyConnector, unseenToken } from './leaky-connector.ts'

/** I11: no secret outside the credential store. */
const canaries = {
  user: 'sync-service',
  password: 'canary0pw/wJ7+qT3zKx9LmV2nB8rH',
  accessToken: 'canary1at.Yk5PzQ8sD4fG7hJ2kL0xC3vB',
  clientSecret: 'canary2cs-Mn6BvC5xZ4aS3dF2gH1jK0lP',
}
const secrets = [canaries.password, canaries.accessToken, canaries.clientSecret, unseenToken]
const scope = { connectorId: 'leaky', resourceType: 'user' }
const names = Object.keys(leaks)

let pglite: PGlite
let server: Server
let url: string
beforeAll(async () => {
  pglite = await migratedPglite()
  server = createServer((request, response) => response.end(JSON.stringify(request.headers)))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.close()
  await pglite.close()
})
afterEach(async () => {
  await pglite.exec(
    'delete from syncline.resource_row; delete from syncline.connector_definition; delete from syncline.credential',
  )
})

/** Everything that leaves the library. */
interface Outside {
  readonly syncline: Syncline
  /** What was logged, announced, answered and thrown so far, and what every table holds. */
  readonly places: () => Promise<ReadonlyMap<string, string>>
  /** Keeps what a call answers or throws. */
  readonly keep: (name: string, call: () => Promise<unknown>) => Promise<void>
}

function open(): Outside {
  const logged: unknown[] = []
  const events: SyncEvent[] = []
  const seen = new Map<string, string>()
  const log = (fields: object, message: string): void => void logged.push([fields, message])
  const logger: Logger = { debug: log, info: log, warn: log, error: log }
  const clock = { now: () => new Date(), sleep: async () => {}, after: () => () => {} }
  const syncline = createSyncline({
    store: postgresStore({ pglite }),
    credentials: postgresCredentialStore({ pglite, keys }),
    connectorTypes: [leakyConnector(url, canaries)],
    logger,
    clock,
    onEvent: (event) => events.push(event),
    random: () => 0,
  })
  return {
    syncline,
    async keep(name, call) {
      const outcome = await call().then(
        (answer) => ({ answer }),
        (error: unknown) => ({ error }),
      )
      seen.set('error' in outcome ? `thrown by ${name}` : `answered by ${name}`, printed(outcome))
    },
    async places() {
      return new Map([
        ...(await dumpTables(pglite)),
        ...seen,
        ['logs', printed(logged)],
        ['events', printed(events)],
      ])
    },
  }
}

async function leak(outside: Outside, name: string, credentialRef: string | undefined): Promise<void> {
  const { syncline, keep } = outside
  await syncline.connectors.save({
    connectorId: 'leaky',
    type: 'leaky',
    config: { leak: name },
    credentialRef,
  })
  await syncline.configs.save({ ...scope, filterRules: { maxRecords: 1_000 } })
  await keep('sync', () => syncline.sync(scope))
  await keep('check', () => syncline.connectors.check('leaky'))
  await keep('reads', async () => [
    await syncline.status(scope),
    await syncline.runs.list(),
    await syncline.credentials.list(),
    await syncline.quarantine.list(scope),
    await syncline.resources.list({ connectorId: 'leaky' }),
    await syncline.changes.read(scope),
  ])
}

describe('a secret of the credential is found nowhere', () => {
  test.each(names)('when a connector %s', async (name) => {
    const outside = open()
    await outside.syncline.credentials.save({ ref: 'leaky', values: canaries })
    await leak(outside, name, 'leaky')
    const places = await outside.places()
    expect(places.get('thrown by check')).toContain('[redacted]')
    expect(placesWith(places, secrets)).toEqual([])
  })

  test('and what must not be lost is kept: good records beside bad ones, and what went wrong', async () => {
    const outside = open()
    const { syncline } = outside
    await syncline.credentials.save({ ref: 'leaky', values: canaries })
    await leak(outside, 'stores it in every field', 'leaky')
    const [run] = await syncline.runs.list()
    expect(run?.stats).toMatchObject({ added: 1, quarantined: 5 })
    const quarantined = await syncline.quarantine.list(scope)
    expect(new Set(quarantined.data.map(({ reason }) => reason))).toEqual(new Set(['HOLDS_SECRET']))
    expect(new Set(quarantined.data.map(({ externalId }) => externalId))).toEqual(
      new Set(['key', 'mail', 'name', 'parent', undefined]),
    )

    await leak(outside, 'puts it into the cursor', 'leaky')
    const [refused] = await syncline.runs.list()
    expect(refused?.error).toMatchObject({ code: 'CONNECTOR_ANSWER_INVALID' })
    await leak(outside, 'throws the header', 'leaky')
    const [failed] = await syncline.runs.list()
    expect(failed?.error?.message).toBe(
      'The connector failed: GET /users failed; sent Authorization: [redacted]',
    )
  })

  test('when it is put into a config', async () => {
    const outside = open()
    const { syncline, keep, places } = outside
    await syncline.credentials.save({ ref: 'leaky', values: canaries })
    const config = { leak: `with ${canaries.clientSecret}` }
    const input = { connectorId: 'leaky', type: 'leaky', credentialRef: 'leaky', config }
    await expect(syncline.connectors.save(input)).rejects.toMatchObject({ code: 'CONNECTOR_CONFIG_INVALID' })
    await keep('save', () => syncline.connectors.save(input))
    expect(placesWith(await places(), secrets)).toEqual([])
  })

  test('when values that cannot be saved are refused', async () => {
    const { syncline, keep, places } = open()
    const values = { ...canaries, [`bad name ${canaries.password}`]: canaries.accessToken, empty: '' }
    await keep('save', () => syncline.credentials.save({ ref: 'leaky', values }))
    const all = await places()
    expect(all.get('thrown by save')).toContain('CREDENTIAL_INVALID')
    expect(placesWith(all, secrets)).toEqual([])
  })
})

describe('the scan', () => {
  test('finds the same leaks in every kind of place when nothing knows the secret', async () => {
    const hits = new Set<string>()
    for (const name of names) {
      const outside = open()
      await leak(outside, name, undefined)
      const places = placesWith(await outside.places(), secrets)
      expect({ name, found: places.length > 0 }).toEqual({ name, found: true })
      for (const place of places) hits.add(place)
      await outside.syncline.connectors.remove('leaky')
    }
    expect([...hits].toSorted()).toEqual([
      'answered by reads',
      'answered by sync',
      'events',
      'logs',
      'syncline.connector_sync_config',
      'syncline.quarantined_record',
      'syncline.resource_change',
      'syncline.resource_row',
      'syncline.sync_run',
      'thrown by check',
    ])
  })
})
