import { createScimConnector, type ScimConnectorOptions } from '@syncline/connector-scim'
import { createSyncline, type LimitsInput, type Logger, type Syncline } from '@syncline/core'
import { memoryCredentialStore, memoryStore } from '@syncline/core/memory'
import { type FakeClock, fakeClock } from '@syncline/testing'

/** A line a connector logged. */
interface LogLine {
  readonly level: keyof Logger
  readonly fields: Readonly<Record<string, unknown>>
  readonly message: string
}

export interface ScimStage {
  readonly syncline: Syncline
  readonly store: ReturnType<typeof memoryStore>
  readonly log: readonly LogLine[]
  readonly clock: FakeClock
  /** Another process: it shares the store and the credentials, and remembers nothing. */
  another(limits?: LimitsInput): Promise<Syncline>
}

interface StageOptions {
  readonly config?: Readonly<Record<string, unknown>> | undefined
  readonly values?: Readonly<Record<string, string>> | undefined
  readonly limits?: LimitsInput | undefined
  readonly pageSize?: number | undefined
  readonly connector?: ScimConnectorOptions | undefined
  /** One that the server goes by as well. */
  readonly clock?: FakeClock | undefined
}

export const usersOf = { connectorId: 'corp', resourceType: 'user' } as const
export const groupsOf = { connectorId: 'corp', resourceType: 'group' } as const

/** A Syncline whose one connector lists a server on this machine. */
export async function setScimStage(baseUrl: string, options: StageOptions = {}): Promise<ScimStage> {
  const clock = options.clock ?? fakeClock({ auto: true })
  const store = memoryStore({ clock })
  const credentials = memoryCredentialStore({ clock })
  const log: LogLine[] = []
  const another = async (limits: LimitsInput = {}): Promise<Syncline> => {
    const process = createSyncline({
      store,
      credentials,
      clock,
      logger: recordingLogger(log),
      limits: { overlapMs: 0, ...options.limits, ...limits },
      allowedNetworks: ['127.0.0.1'],
      connectorTypes: [createScimConnector(options.connector)],
    })
    await process.connectors.save({
      connectorId: 'corp',
      type: 'scim',
      config: { baseUrl, ...options.config },
      credentialRef: 'corp-scim',
    })
    return process
  }
  const syncline = await another()
  await syncline.credentials.save({ ref: 'corp-scim', values: options.values ?? { token } })
  const { pageSize = 200 } = options
  for (const scope of [usersOf, groupsOf]) await syncline.configs.save({ ...scope, pageSize })
  return { syncline, store, log, clock, another }
}

export const token = 'a-token-nobody-should-see'

function recordingLogger(log: LogLine[]): Logger {
  const at =
    (level: keyof Logger) =>
    (fields: object, message: string): void =>
      void log.push({ level, fields: { ...fields }, message })
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** What the store holds of one type by external id, live rows only. */
export async function stored(
  { store }: Pick<ScimStage, 'store'>,
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

/** External ids of live users, sorted. */
export const liveUsers = async (stage: Pick<ScimStage, 'store'>): Promise<readonly string[]> =>
  Object.keys(await stored(stage, 'user')).toSorted()

const ofRuns = /^run ended|^records were put into quarantine/

/** Reasons of the connector's warnings so far, without those that the engine logs of every run. */
export const warnings = ({ log }: Pick<ScimStage, 'log'>): readonly unknown[] =>
  log
    .filter(({ level, message }) => level === 'warn' && !ofRuns.test(message))
    .map(({ fields, message }) => fields.reason ?? fields.why ?? message)
