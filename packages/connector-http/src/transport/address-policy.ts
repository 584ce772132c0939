import { BlockList, isIP } from 'node:net'
import { SyncError } from '@syncline/core'
import { deniedNetworks } from './denied-networks.ts'

/** Which addresses may be connected to. */
export interface AddressPolicy {
  allows(address: string): boolean
}

/**
 * Public addresses, and the networks named.
 * @throws OPTIONS_INVALID for a network that is no address and no CIDR block
 */
export function addressPolicy(allowedNetworks: readonly string[]): AddressPolicy {
  const denied = networks(deniedNetworks)
  const allowed = networks(allowedNetworks)
  return {
    allows(address) {
      // A zone (`fe80::1%eth0`) names the interface, not the address.
      const [plain = ''] = address.split('%')
      const family = familyOf(plain)
      return family !== undefined && (!denied.check(plain, family) || allowed.check(plain, family))
    },
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
        `allowedNetworks: ${JSON.stringify(block)} is no address and no CIDR block such as "10.20.0.0/16"`,
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
