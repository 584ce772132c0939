import { testCreatingUsers, testUserStatuses } from './directory-changes.ts'
import { testFindingUsers } from './directory-finding.ts'
import type { DeclareDirectoryCase, UserDirectorySuite } from './directory-harness.ts'
import { testTenantsOfUsers } from './directory-tenants.ts'

/**
 * Holds a user directory to every promise of its port. An adapter's test file is this one call.
 *
 * ```ts
 * import { describe, test } from 'vitest'
 * testUserDirectory({ describe, test, createDirectory: async () => ({ directory, insert, close }) })
 * ```
 */
export function testUserDirectory(suite: UserDirectorySuite): void {
  const group = (name: string, declare: (test: DeclareDirectoryCase) => void): void => {
    suite.describe(name, () =>
      declare((caseName, run) => {
        suite.test(caseName, async () => {
          const harness = await suite.createDirectory()
          try {
            await run(harness)
          } finally {
            await harness.close()
          }
        })
      }),
    )
  }
  group('UserDirectory: finding', testFindingUsers)
  group('UserDirectory: creating', testCreatingUsers)
  group('UserDirectory: changing the status', testUserStatuses)
  // A directory of one tenant refuses all others, see `tenants`.
  if (suite.tenants !== 'one') group('UserDirectory: tenants', testTenantsOfUsers)
}
