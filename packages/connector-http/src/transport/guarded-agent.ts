import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns'
import { isIP } from 'node:net'
import { SyncError } from '@syncline/core'
import { Agent, buildConnector } from 'undici'
import { type AddressPolicy, addressPolicy } from './address-policy.ts'

/** Finds the addresses of a name, as `dns.lookup` does with `all: true`. */
export type Lookup = (
  hostname: string,
  options: LookupOptions & { readonly all: true },
  callback: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void

const connectMs = 10_000
const connectionsPerOrigin = 32

/**
 * Connections to public addresses and allowed networks only. The address that is checked is the one that is connected
 * to: a name that changes its address between check and use gains nothing.
 * @throws OPTIONS_INVALID
 */
export function guardedAgent(options: {
  readonly allowedNetworks: readonly string[]
  readonly lookup?: Lookup | undefined
}): Agent {
  const policy = addressPolicy(options.allowedNetworks)
  const lookup = guardedLookup(policy, options.lookup ?? systemLookup)
  const connect = buildConnector({ timeout: connectMs, lookup })
  return new Agent({
    connections: connectionsPerOrigin,
    // The total deadline of a request covers both.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect(target, callback) {
      // A literal address is never looked up.
      const host = target.hostname.replace(/^\[|\]$/g, '')
      if (isIP(host.split('%')[0] ?? '') !== 0 && !policy.allows(host)) {
        callback(addressDenied(host), null)
      } else {
        connect(target, callback)
      }
    },
  })
}

function guardedLookup(policy: AddressPolicy, lookup: Lookup) {
  return (
    hostname: string,
    options: LookupOptions,
    callback: (error: Error | null, address: string | LookupAddress[], family?: number) => void,
  ): void => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? []
      // One address that is denied spoils them all: a name that has both is not to be trusted.
      const denied = error ? undefined : addresses.find(({ address }) => !policy.allows(address))
      if (error || denied || !first) {
        callback(error ?? addressDenied(hostname), [])
      } else if (options.all) {
        callback(null, [...addresses])
      } else {
        callback(null, first.address, first.family)
      }
    })
  }
}

function addressDenied(host: string): SyncError {
  return new SyncError(
    'ADDRESS_DENIED',
    `${host} is not on the public internet; if it should be reached, name its network in allowedNetworks of createSyncline`,
    { details: { host, failureType: 'config' } },
  )
}
