import type { CredentialKeys } from '@syncline/adapter-postgres'

/** Makes claims look older by `$1` milliseconds: the database's own clock cannot be set. */
export const claimsAge = `update syncline.credential set claim_until = claim_until - $1::float8 * interval '1 millisecond'`

export const keyOf = (id: string, byte: number) => ({ id, key: new Uint8Array(32).fill(byte) })

export const keys: CredentialKeys = { current: keyOf('key-1', 1) }
