import { isIP } from 'node:net'
import { inspect } from 'node:util'
import { SyncError } from '../errors.ts'
import { nearest } from './nearest.ts'
import type { SynclineOptions } from './options.ts'

/** Every option, so that a name that is none is found. */
const optionNames: Readonly<Record<keyof SynclineOptions, true>> = {
  store: true,
  connectorTypes: true,
  credentials: true,
  users: true,
  profiles: true,
  workflows: true,
  exemptUsers: true,
  userResourceTypes: true,
  automaticPostSync: true,
  limits: true,
  cache: true,
  rateLimiter: true,
  allowedNetworks: true,
  queue: true,
  retention: true,
  onWebhook: true,
  onEvent: true,
  logger: true,
  clock: true,
  random: true,
  createRunId: true,
}

const retentionNames: Readonly<Record<keyof NonNullable<SynclineOptions['retention']>, true>> = {
  runs: true,
  changes: true,
  webhooks: true,
  requests: true,
}

/** Checks what would otherwise fail later, or never. @throws OPTIONS_INVALID */
export function checkOptions(options: SynclineOptions): void {
  if (typeof options !== 'object' || options === null)
    throw invalid('createSyncline needs an object of options')
  requireKnown(options, optionNames, '')
  if (!Array.isArray(options.connectorTypes)) {
    throw invalid('connectorTypes must be a list of connector types, each made with defineConnector')
  }
  requireKnown(options.retention ?? {}, retentionNames, 'retention.')
  const { allowedNetworks = [] } = options
  if (!Array.isArray(allowedNetworks))
    throw invalid('allowedNetworks must be a list of addresses and CIDR blocks')
  for (const network of allowedNetworks as readonly unknown[]) requireNetwork(network)
}

function requireKnown(given: object, known: Readonly<Record<string, true>>, prefix: string): void {
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(known, name)) continue
    const near = nearest(name, Object.keys(known))
    const hint = near
      ? `did you mean "${prefix}${near}"?`
      : `the options are ${Object.keys(known).join(', ')}`
    throw invalid(`"${prefix}${name.slice(0, 60)}" is not an option; ${hint}`)
  }
}

function requireNetwork(network: unknown): void {
  const [address = '', prefix, ...rest] = typeof network === 'string' ? network.split('/') : []
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest)
  if (longest >= 0 && isPrefix && rest.length === 0) return
  throw invalid(
    `allowedNetworks: ${inspect(network).slice(0, 80)} is not an address and not a CIDR block such as "10.20.0.0/16" or "fd00::/8"`,
  )
}

const invalid = (fact: string): SyncError => new SyncError('OPTIONS_INVALID', fact)
