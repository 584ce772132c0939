import type { CredentialKeys } from '@syncline/adapter-postgres'

export const keys: CredentialKeys = { current: { id: 'test', key: new Uint8Array(32).fill(5) } }
