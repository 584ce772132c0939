import {
  defaultTenantId,
  type LocalUser,
  type MatchStrategy,
  type Owner,
  type UserDirectory,
  type UserKey,
} from '@syncline/core'

/** A user directory under test, empty when handed over, and what a suite needs besides its port. */
export interface UserDirectoryHarness {
  readonly directory: UserDirectory
  /**
   * What the host does: inserts users, with the ids that are given. Returns them as the directory must return them, ids
   * included. A user without a `tenantId` belongs to the tenant `default`.
   */
  readonly insert: (
    users: readonly (Omit<LocalUser, 'userId'> & Partial<Pick<LocalUser, 'userId'>>)[],
  ) => Promise<readonly LocalUser[]>
  /** Closes the directory and whatever was made for it. */
  readonly close: () => Promise<void>
}

/** The test runner's own functions and how to make a directory: works with vitest, node:test, mocha and jest. */
export interface UserDirectorySuite {
  readonly describe: (name: string, declare: () => void) => unknown
  readonly test: (name: string, run: () => Promise<void>) => unknown
  /** `one`: the directory declares that it serves only the tenant `default`. @default any */
  readonly tenants?: 'any' | 'one' | undefined
  /** Called once for each case; cases may run one after the other or side by side. */
  readonly createDirectory: () => Promise<UserDirectoryHarness>
}

/** Declares one case: its name repeats the promise it holds the directory to. */
export type DeclareDirectoryCase = (
  name: string,
  run: (harness: UserDirectoryHarness) => Promise<void>,
) => void

/** The tenant of all cases but those about tenants. */
export const owner: Owner = { tenantId: defaultTenantId }

export const user = (
  email: string | undefined,
  change: Partial<LocalUser> = {},
): Omit<LocalUser, 'userId'> => ({
  status: 'active',
  ...(email !== undefined && { email }),
  ...change,
})

/** Ids of the users that were found for each key. */
export async function find(
  { directory }: UserDirectoryHarness,
  strategy: MatchStrategy,
  keys: readonly UserKey[],
): Promise<string[][]> {
  const hits = await directory.findByKeys({ ...owner, strategy, keys, perKey: 10 })
  return keys.map((_, place) => hits.filter(({ key }) => key === place).map((hit) => hit.user.userId))
}

export const byEmail = (value: string): UserKey => ({ value })
export const ids = (...users: (LocalUser | undefined)[]): string[] =>
  users.map((found) => found?.userId ?? 'nobody')
