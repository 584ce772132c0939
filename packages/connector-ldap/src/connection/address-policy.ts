import type { LookupAddress, LookupOptions } from 'node:dns'
import { lookup as systemLookup } from 'node:dns'
import { BlockList, isIP } from 'node:net'
import { SyncError } from '@syncline/core'

/** Addresses that a directory must not be at unless the host names them. */
export interface AddressPolicy {
  allows(address: string): boolean
}

/**
 * Networks where a directory is never reached by accident: the machine itself, unspecified, link-local (where clouds
 * serve their metadata), multicast and broadcast addresses, and the IPv6 forms that carry such an IPv4 address.
 * `BlockList` compares IPv4-mapped addresses by their IPv4 address.
 */
const machineNetworks: readonly string[] = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  // Azure serves metadata to its virtual machines here.
  '168.63.129.16',
  '224.0.0.0/4',
  '255.255.255.255',
  '::/96',
  '::ffff:0:0:0/96',
  '64:ff9b::/104',
  '64:ff9b::7f00:0/104',
  '64:ff9b::a9fe:0/112',
  '64:ff9b::a83f:8110',
  '2002::/24',
  '2002:7f00::/24',
  '2002:a9fe::/32',
  // Amazon serves metadata to its virtual machines here.
  'fd00:ec2::254',
  'fe80::/10',
  'ff00::/8',
]

/** The rest of what is not the public internet: special-purpose registries of IANA (RFC 6890 and later). */
const privateNetworks: readonly string[] = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '240.0.0.0/4',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fec0::/10',
]

/**
 * Creates the policy of one connection.
 * @throws OPTIONS_INVALID for an allowed network that is neither an address nor a CIDR block
 */
export function addressPolicy(options: {
  readonly allowedNetworks: readonly string[]
  readonly allowPrivateNetworks: boolean
}): AddressPolicy {
  const denied = networks([...machineNetworks, ...(options.allowPrivateNetworks ? [] : privateNetworks)])
  const allowed = networks(options.allowedNetworks)
  return {
    allows(address) {
      // A zone (`fe80::1%eth0`) names the interface, not the address.
      const [plain = ''] = address.split('%')
      const family = familyOf(plain)
      return family !== undefined && (!denied.check(plain, family) || allowed.check(plain, family))
    },
  }
}

/**
 * Refuses a literal address that the policy denies. Names are checked when they are looked up.
 * @throws ADDRESS_DENIED
 */
export function requireAllowed(policy: AddressPolicy, host: string): void {
  if (familyOf(host.split('%')[0] ?? '') !== undefined && !policy.allows(host)) throw addressDenied(host)
}

/** A `lookup` for `net.connect` that fails for a name with a denied address: the address checked is the one connected to. */
export function policyLookup(policy: AddressPolicy) {
  return (
    hostname: string,
    options: LookupOptions,
    callback: (error: Error | null, address: string | LookupAddress[], family?: number) => void,
  ): void => {
    systemLookup(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? []
      const denied = error ? undefined : addresses.find(({ address }) => !policy.allows(address))
      if (error || denied || !first) callback(error ?? addressDenied(hostname), [])
      else if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}

function networks(blocks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const block of blocks) {
    const [address = '', bits, ...rest] = block.split('/')
    const family = familyOf(address)
    const most = family === 'ipv6' ? 128 : 32
    const prefix = bits === undefined ? most : Number(bits)
    if (family === undefined || rest.length > 0 || !/^\d{1,3}$/.test(bits ?? '0') || !(prefix <= most)) {
      throw new SyncError(
        'OPTIONS_INVALID',
        `allowedNetworks: ${JSON.stringify(block)} is neither an address nor a CIDR block such as "10.20.0.0/16"`,
      )
    }
    list.addSubnet(address, prefix, family)
  }
  return list
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address)
  if (version === 0) return undefined
  return version === 4 ? 'ipv4' : 'ipv6'
}

/** The same error for every port and whatever listens there. */
const addressDenied = (host: string): SyncError =>
  new SyncError(
    'ADDRESS_DENIED',
    `The address of the LDAP server ${JSON.stringify(host)} is not allowed; to reach it, name its network in allowedNetworks of createSyncline`,
    { details: { host } },
  )
