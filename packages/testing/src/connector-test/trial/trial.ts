import type { Run, SyncRequest } from '@syncline/core'
import type { ConnectorContract } from '../contract/contract.ts'
import type { ListingContract } from '../contract/listing-contract.ts'
import { type ContractUpstream, startContractUpstream } from '../server/contract-upstream.ts'
import { plainEntries, type ServedEntry } from '../server/served-entry.ts'
import type { LoggedRequest } from '../server/upstream-log.ts'
import { type ConnectorProcess, type ProcessOptions, startProcess } from './connector-process.ts'

/** What is tried: one resource type of a connector type. */
export interface TrialSubject {
  readonly contract: ConnectorContract
  readonly createConnectorType: ProcessOptions['createConnectorType']
  readonly resourceType: string
  readonly listing: ListingContract
}

export interface TrialOptions extends Pick<ProcessOptions, 'around'> {
  /** What upstream has. @default nine plain entries */
  readonly entries?: readonly ServedEntry[] | undefined
  /** @default 3 */
  readonly pageSize?: number | undefined
  /** At most this many records on a page. @default as many as asked for */
  readonly shorten?: number | undefined
  /** Links to the next page lead there. @default to upstream itself */
  readonly linkOrigin?: string | undefined
  /** What upstream accepts and the host has saved. @default the contract's secrets */
  readonly secrets?: Readonly<Record<string, string>> | undefined
  /** Id of the connector; makes upstream's tokens differ from those of another trial. @default 'first' */
  readonly name?: string | undefined
  /** The process to join. @default one of its own */
  readonly process?: ConnectorProcess | undefined
}

/** One connector of the type under test, synced by the real engine from a scripted upstream. */
export interface Trial {
  readonly subject: TrialSubject
  readonly upstream: ContractUpstream
  readonly process: ConnectorProcess
  readonly connectorId: string
  sync(request?: Pick<SyncRequest, 'mode' | 'signal'>): Promise<Run>
  /** What the host saves; what upstream accepts stays. */
  saveSecrets(secrets: Readonly<Record<string, string>>): Promise<void>
  /** Requests since the last call of this function, or since the beginning. */
  newRequests(): readonly LoggedRequest[]
  close(): Promise<void>
}

export async function openTrial(subject: TrialSubject, options: TrialOptions = {}): Promise<Trial> {
  const { contract, resourceType, listing } = subject
  const { name = 'first', pageSize = 3, shorten, linkOrigin, around } = options
  const { createConnectorType } = subject
  const process = options.process ?? (await startProcess({ createConnectorType, around }))
  const { clock } = process
  const upstream = await startContractUpstream({ contract, clock, name, pageSize, shorten, linkOrigin })
  upstream.serve(resourceType, options.entries ?? plainEntries(listing, 9))
  if (options.secrets) upstream.secrets.replace(options.secrets)
  const trial = createTrial({ subject, upstream, process, connectorId: name })
  try {
    await trial.saveSecrets(upstream.secrets.secrets)
    await process.syncline.connectors.save({
      connectorId: name,
      type: process.typeName,
      config: contract.config(upstream.url),
      ...(contract.credential && { credentialRef: name }),
    })
    await process.syncline.configs.save({ connectorId: name, resourceType, pageSize })
    return trial
  } catch (error) {
    await trial.close()
    throw error
  }
}

function createTrial(parts: Pick<Trial, 'subject' | 'upstream' | 'process' | 'connectorId'>): Trial {
  const { subject, upstream, process, connectorId } = parts
  let told = 0
  return {
    ...parts,
    sync: (request) => process.syncline.sync({ connectorId, resourceType: subject.resourceType, ...request }),
    async saveSecrets(secrets) {
      const { credential } = subject.contract
      if (!credential) return
      const values = { ...credential.identifiers, ...secrets }
      await process.syncline.credentials.save({ ref: connectorId, values })
    },
    newRequests() {
      const fresh = upstream.requests.slice(told)
      told = upstream.requests.length
      return fresh
    },
    async close() {
      await process.syncline.stop()
      await upstream.close()
    },
  }
}
