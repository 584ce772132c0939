import type { PeopleStore } from '@syncline/core'
import { commitPeople } from './commit-people.ts'
import { findMatches } from './find-matches.ts'
import { journal } from './journal.ts'
import type { PeopleContext } from './people-context.ts'
import { postSyncRuns } from './post-sync-runs.ts'
import { linksOf, readSubjects, subjectsOf } from './subjects.ts'
import { workflowJobs } from './workflow-jobs.ts'

/** Matches, the journal, jobs and post-sync runs, beside the resources. */
export function peopleStore(context: PeopleContext): PeopleStore {
  const { database, tables } = context
  return {
    ...postSyncRuns(context),
    ...findMatches(context),
    ...journal(context),
    ...workflowJobs(context),
    subjects: (slice) =>
      database.write(async (session) => {
        await session.alongIndexes()
        return readSubjects(session, tables, slice)
      }),
    subjectsOf: (scope, externalIds) =>
      database.write(async (session) => {
        await session.alongIndexes()
        return subjectsOf(session, tables, { scope, externalIds })
      }),
    links: (userIds, { tenantId }) =>
      database.write(async (session) => {
        await session.alongIndexes()
        return linksOf(session, tables, { userIds, tenantId })
      }),
    commit: (commit) => commitPeople(context, commit),
  }
}
