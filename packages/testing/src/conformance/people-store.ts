import { testMovedPeople } from './connector-moves.ts'
import { testDeactivationCauses } from './deactivation-causes.ts'
import type { StoreSuite } from './harness.ts'
import { testPeopleCommit } from './people-commit.ts'
import { testPeopleJournal } from './people-journal.ts'
import { testPeopleRuns } from './people-runs.ts'
import { testPeopleSubjects } from './people-subjects.ts'
import { testTenantsOfPeople } from './people-tenants.ts'

/**
 * Holds a store that keeps matches to every promise of `PeopleStore`. An adapter's test file is this one call, beside
 * `testStore`.
 */
export function testPeopleStore(suite: StoreSuite): void {
  testPeopleCommit(suite)
  testDeactivationCauses(suite)
  testPeopleSubjects(suite)
  testPeopleJournal(suite)
  testPeopleRuns(suite)
  testMovedPeople(suite)
  testTenantsOfPeople(suite)
}
