import { SyncError } from '@syncline/core'
import { z } from 'zod'

/** A key that wraps the keys of credentials. The host keeps it: in a secret manager, never in this database. */
export interface KeyEncryptionKey {
  /** Stored with what it wraps, so that keys can be told apart; 1 to 255 characters, never used for another key. */
  readonly id: string
  /** 32 random bytes. */
  readonly key: Uint8Array
}

export interface CredentialKeys {
  /** Wraps everything that is written. */
  readonly current: KeyEncryptionKey
  /** Still unwrap what they wrapped before, until `rewrapCredentials` has left nothing of them. @default none */
  readonly retired?: readonly KeyEncryptionKey[] | undefined
}

/** Keys, checked and by id. */
export interface KeyRing {
  readonly current: KeyEncryptionKey
  find(id: string): KeyEncryptionKey | undefined
}

const keyBytes = 32

const keySchema = z.object({
  id: z.string().min(1).max(255),
  key: z.instanceof(Uint8Array).refine((key) => key.length === keyBytes, `must be ${keyBytes} bytes`),
})
const keysSchema = z.object({ current: keySchema, retired: z.array(keySchema).default([]) })

/** @throws OPTIONS_INVALID */
export function keyRing(keys: CredentialKeys): KeyRing {
  const parsed = keysSchema.safeParse(keys)
  if (!parsed.success) throw new SyncError('OPTIONS_INVALID', `keys: ${z.prettifyError(parsed.error)}`)
  const { current, retired } = parsed.data
  const byId = new Map([...retired, current].map((key) => [key.id, key]))
  if (byId.size <= retired.length) {
    throw new SyncError('OPTIONS_INVALID', 'keys: two keys have the same id; give every key an id of its own')
  }
  return { current, find: (id) => byId.get(id) }
}
