import { createLdapConnector } from '@syncline/connector-ldap'
import { createSyncline, type EventSink, type LimitsInput, type Logger, type Syncline } from '@syncline/core'
import { memoryCredentialStore, memoryStore } from '@syncline/core/memory'
import { type FakeClock, fakeClock } from '@syncline/testing'
import { Client } from 'ldapts'
import type { Slapd } from '../../../../test-support/ldap/start-slapd.ts'

/** A line a connector logged. */
interface LogLine {
  readonly level: keyof Logger
  readonly fields: object
  readonly message: string
}

export interface LdapStage {
  readonly syncline: Syncline
  readonly store: ReturnType<typeof memoryStore>
  readonly log: readonly LogLine[]
  /** Another process: it shares the store and the credentials, of which it may save another. */
  another(options?: ProcessOptions): Promise<Syncline>
}

type Values = Readonly<Record<string, string>>

interface ProcessOptions {
  readonly limits?: LimitsInput | undefined
  readonly onEvent?: EventSink | undefined
  /** Saves this credential first. */
  readonly values?: Values | undefined
}

interface StageOptions {
  readonly config?: Readonly<Record<string, unknown>> | undefined
  readonly values?: Values | undefined
  readonly limits?: LimitsInput | undefined
  readonly pageSize?: number | undefined
  /** Waits between tries do not take time on this one. @default a clock that follows the real one */
  readonly clock?: FakeClock | undefined
}

export const usersOf = { connectorId: 'corp', resourceType: 'user' } as const
export const groupsOf = { connectorId: 'corp', resourceType: 'group' } as const

/** A Syncline whose one connector lists a server, with StartTLS and the test's own authority. */
export async function setLdapStage(slapd: Slapd, options: StageOptions = {}): Promise<LdapStage> {
  // Directories stamp entries with the real time; waits between tries need none.
  const clock = options.clock ?? fakeClock({ start: new Date(), auto: true })
  const store = memoryStore({ clock })
  const credentials = memoryCredentialStore({ clock })
  const log: LogLine[] = []
  const logger = recordingLogger(log)
  const values = options.values ?? { bindDn: slapd.rootDn, password: slapd.rootPassword }
  const wished = {
    directory: 'openldap',
    url: slapd.url,
    ca: slapd.ca,
    baseDn: slapd.suffix,
    ...options.config,
  }
  // A test takes a default back with undefined, which is no JSON.
  const config = Object.fromEntries(Object.entries(wished).filter(([, value]) => value !== undefined))
  const another = async ({ limits, onEvent, values: secret }: ProcessOptions = {}): Promise<Syncline> => {
    const process = createSyncline({
      store,
      credentials,
      clock,
      logger,
      onEvent,
      limits: { overlapMs: 0, ...options.limits, ...limits },
      connectorTypes: [createLdapConnector()],
      allowedNetworks: ['127.0.0.1'],
    })
    if (secret) await process.credentials.save({ ref: 'corp-ldap', values: secret })
    await process.connectors.save({ connectorId: 'corp', type: 'ldap', config, credentialRef: 'corp-ldap' })
    return process
  }
  const syncline = await another({ values })
  const { pageSize = 200 } = options
  for (const scope of [usersOf, groupsOf]) await syncline.configs.save({ ...scope, pageSize })
  return { syncline, store, log, another }
}

function recordingLogger(log: LogLine[]): Logger {
  const at =
    (level: keyof Logger) =>
    (fields: object, message: string): void =>
      void log.push({ level, fields, message })
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** What the store holds of one type, live rows only, by external id. */
export async function stored(
  { store }: LdapStage,
  resourceType: 'user' | 'group',
): Promise<Record<string, unknown>> {
  const rows = await store.resources.find({ connectorId: 'corp', resourceType, stale: false, limit: 100_000 })
  return Object.fromEntries(
    rows.map(({ externalId, displayName, email, attributes }) => [
      externalId,
      { displayName, email, attributes },
    ]),
  )
}

/** The tests' own client, which knows nothing of the connector. */
export async function adminClient(slapd: Slapd): Promise<Client> {
  const client = new Client({ url: slapd.tlsUrl, tlsOptions: { ca: slapd.ca } })
  await client.bind(slapd.rootDn, slapd.rootPassword)
  return client
}
