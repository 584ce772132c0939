import type { CredentialId, CredentialStore } from '@syncline/core'

/** A credential store under test, empty when handed over, and what a suite needs besides its port. */
export interface CredentialHarness {
  readonly store: CredentialStore
  /** A second store on the same data, as another process has it. */
  readonly other: CredentialStore
  /** Makes claims that were made look `ms` older. */
  readonly timePasses: (ms: number) => Promise<void>
  /** Closes the stores and whatever was made for them. */
  readonly close: () => Promise<void>
}

/** Declares one case: its name repeats the promise it holds the store to. */
export type DeclareCase = (name: string, run: (harness: CredentialHarness) => Promise<void>) => void

export const acme: CredentialId = { tenantId: 'tenant-1', ref: 'acme' }
export const values = { clientId: 'syncline', accessToken: 'access-1', refreshToken: 'refresh-1' }
export const expiresAt = new Date('2026-11-21T10:00:00.000Z')
