import {
  type ConnectorContext,
  type CredentialAccess,
  type CredentialStore,
  createSyncline,
  defineConnector,
  type Syncline,
} from '@syncline/core'
import { memoryCredentialStore } from '@syncline/core/memory'
import { type FakeClock, fakeClock, type RecordingSink, recordingSink } from '@syncline/testing'
import { z } from 'zod'

export const acme = { tenantId: 'default', ref: 'acme' }
export const users = { connectorId: 'acme', resourceType: 'user' }

const day = 86_400_000

type Work = (credential: CredentialAccess, context: ConnectorContext<unknown>) => Promise<void>

export interface CredentialStage {
  readonly clock: FakeClock
  readonly store: CredentialStore
  readonly syncline: Syncline
  readonly sink: RecordingSink
  /** Hands a run's credential to `work` and ends the run with it; the run's error, if any, is thrown. */
  readonly inRun: (work: Work, syncline?: Syncline) => Promise<void>
  /** Another process on the same credentials, or on none. */
  readonly another: (options?: { readonly withoutStore: boolean }) => Syncline
}

/** A connector whose one page does whatever the test says with its credential. */
export async function setCredentialStage(
  options: { readonly wrap?: (store: CredentialStore) => CredentialStore } = {},
): Promise<CredentialStage> {
  const clock = fakeClock()
  const store = memoryCredentialStore({ clock })
  const sink = recordingSink()
  const works = new Map<Syncline, Work>()
  const make = (credentials: CredentialStore | undefined): Syncline => {
    const connector = defineConnector({
      type: 'acme',
      displayName: 'Acme',
      configSchema: z.unknown(),
      resourceTypes: {
        user: {
          async list(_, context) {
            if (!context.credential) throw new Error('The connector has a credentialRef')
            await works.get(syncline)?.(context.credential, context)
            return { success: true, payload: { resources: [] } }
          },
        },
      },
    })
    const syncline = createSyncline({
      connectorTypes: [connector],
      credentials,
      clock,
      random: () => 0.5,
      onEvent: sink.onEvent,
      // A test moves the clock by hours within one call of the connector.
      limits: { maxRetries: 0, callTimeoutMs: day, runTimeoutMs: day, leaseMs: day },
    })
    return syncline
  }
  const own = options.wrap?.(store) ?? store
  const syncline = make(own)
  return {
    clock,
    store,
    syncline,
    sink,
    another: ({ withoutStore } = { withoutStore: false }) => make(withoutStore ? undefined : own),
    async inRun(work, on = syncline) {
      await on.connectors.save({ connectorId: 'acme', type: 'acme', credentialRef: 'acme' })
      works.set(on, work)
      const run = await on.sync({ ...users, restart: true })
      if (run.error) throw Object.assign(new Error(run.error.message), run.error)
    },
  }
}

/** A token endpoint that hands out rotating refresh tokens: an old one is refused. */
export function rotatingEndpoint(refuse: (message: string) => Error) {
  let issued = 1
  let calls = 0
  return {
    get calls() {
      return calls
    },
    exchange: async ({ values }: { readonly values: Readonly<Record<string, string>> }) => {
      calls += 1
      if (values.refreshToken !== `refresh-${issued}`) throw refuse('invalid_grant')
      issued += 1
      return { values: { accessToken: `access-${issued}`, refreshToken: `refresh-${issued}` } }
    },
  }
}
