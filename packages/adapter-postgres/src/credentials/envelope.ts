import { randomBytes } from 'node:crypto'
import { type CredentialId, SyncError } from '@syncline/core'
import { z } from 'zod'
import { decrypt, encrypt } from './aes-gcm.ts'
import type { KeyEncryptionKey, KeyRing } from './key-ring.ts'

type Values = Readonly<Record<string, string>>

/** Which row an envelope belongs to. In another row it does not open. */
export interface EnvelopePlace extends CredentialId {
  readonly version: number
}

/** Values as they are stored: sealed with a data key of their own, which the key-encryption key `keyId` wraps. */
export interface Envelope {
  readonly keyId: string
  readonly wrappedKey: Buffer
  readonly sealed: Buffer
}

const dataKeyBytes = 32
const valuesSchema = z.record(z.string(), z.string())

/** Seals values with a new random data key. */
export function seal(ring: KeyRing, place: EnvelopePlace, values: Values): Envelope {
  const dataKey = randomBytes(dataKeyBytes)
  const sealed = encrypt(dataKey, Buffer.from(JSON.stringify(values)), contextOf('values', place))
  const envelope = { ...wrap(ring.current, place, dataKey), sealed }
  dataKey.fill(0)
  return envelope
}

/** @throws CREDENTIAL_UNREADABLE */
export function open(ring: KeyRing, place: EnvelopePlace, envelope: Envelope): Values {
  const dataKey = unwrap(ring, place, envelope)
  const plain = decrypt(dataKey, envelope.sealed, contextOf('values', place))
  dataKey.fill(0)
  if (!plain) throw notAuthentic(place, envelope.keyId)
  return valuesSchema.parse(JSON.parse(plain.toString()))
}

/** The same values, sealed as before, with their data key wrapped by the current key. @throws CREDENTIAL_UNREADABLE */
export function rewrap(ring: KeyRing, place: EnvelopePlace, envelope: Envelope): Envelope {
  const dataKey = unwrap(ring, place, envelope)
  const wrapped = wrap(ring.current, place, dataKey)
  dataKey.fill(0)
  return { ...wrapped, sealed: envelope.sealed }
}

const wrap = (key: KeyEncryptionKey, place: EnvelopePlace, dataKey: Buffer): Omit<Envelope, 'sealed'> => ({
  keyId: key.id,
  wrappedKey: encrypt(key.key, dataKey, contextOf('key', place, key.id)),
})

function unwrap(ring: KeyRing, place: EnvelopePlace, { keyId, wrappedKey }: Envelope): Buffer {
  const key = ring.find(keyId)
  if (!key) {
    const why = `its key "${keyId}" was not given; add it to the retired keys`
    throw unreadable({ ...place, keyId, reason: 'key_unknown' }, why)
  }
  const dataKey = decrypt(key.key, wrappedKey, contextOf('key', place, keyId))
  if (!dataKey) throw notAuthentic(place, keyId)
  return dataKey
}

/** Bound into every tag: an envelope, or half of one, cannot be moved to another row, version or use. */
const contextOf = (use: 'values' | 'key', { tenantId, ref, version }: EnvelopePlace, keyId = ''): string =>
  JSON.stringify(['syncline-credential', 1, use, tenantId, ref, version, keyId])

const notAuthentic = (place: EnvelopePlace, keyId: string): SyncError =>
  unreadable(
    { ...place, keyId, reason: 'not_authentic' },
    `key "${keyId}" does not open it: the key is another one, or the row was changed`,
  )

interface Unreadable extends CredentialId {
  readonly keyId: string
  readonly reason: 'key_unknown' | 'not_authentic'
}

const unreadable = ({ tenantId, ref, keyId, reason }: Unreadable, why: string): SyncError =>
  new SyncError(
    'CREDENTIAL_UNREADABLE',
    `Credential "${ref}" of tenant "${tenantId}" cannot be read: ${why}. Nothing was changed`,
    { details: { tenantId, ref, keyId, reason } },
  )
