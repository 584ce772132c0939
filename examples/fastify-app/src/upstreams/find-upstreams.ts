import type { AuthifiSettings, ScimSettings, Settings } from '../settings.ts'
import { startAuthifi } from './authifi.ts'
import type { PlayedUpstream } from './played-upstream.ts'
import { startScim } from './scim.ts'

/** Where the upstreams are. */
export interface Upstreams {
  readonly authifi: AuthifiSettings
  readonly scim: ScimSettings
  /** Private networks that connectors may reach. */
  readonly networks: readonly string[]
  close(): Promise<void>
}

/** Those of the environment; what it does not name is played on this machine. */
export async function findUpstreams(settings: Settings): Promise<Upstreams> {
  const authifi = settings.authifi ? elsewhere(settings.authifi) : await startAuthifi()
  const scim = settings.scim ? elsewhere(settings.scim) : await startScim()
  const isPlayed = !settings.authifi || !settings.scim
  return {
    authifi: authifi.found,
    scim: scim.found,
    networks: isPlayed ? ['127.0.0.1'] : [],
    async close() {
      await authifi.close()
      await scim.close()
    },
  }
}

const elsewhere = <Found>(found: Found): PlayedUpstream<Found> => ({ found, close: async () => undefined })
