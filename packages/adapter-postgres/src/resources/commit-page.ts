import type { PageCommit, PageResult, ResourceStore } from '@syncline/core'
import type { StoreContext } from '../context.ts'
import type { Session } from '../database.ts'
import { isUniqueViolation } from '../pg-errors.ts'
import { comparePart, newPart } from './compare-part.ts'
import { keepQuarantine } from './keep-quarantine.ts'
import { openPage } from './open-page.ts'
import { withoutOvertaken } from './overtaken-records.ts'
import type { PagePart } from './page-part.ts'
import type { PagesAhead } from './pages-ahead.ts'
import { partsOf } from './parts-of.ts'
import { holdRejected } from './seen-page.ts'
import { storePart } from './store-part.ts'

/**
 * Stores one page in one transaction. A first load is taken to be new without asking; a key that is there after
 * all breaks the transaction, and the page is compared like any other.
 */
export const commitPage =
  ({ database, ...context }: StoreContext, ahead: PagesAhead): ResourceStore['commitPage'] =>
  async (commit) => {
    const attempt = async (mayAssumeNew: boolean): Promise<PageResult> => {
      const result = await database.write((session) =>
        storePage(session, context, { commit, ahead, mayAssumeNew }),
      )
      ahead.done(commit.records)
      return result
    }
    try {
      return await attempt(true)
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
      return attempt(false)
    }
  }

async function storePage(
  session: Session,
  context: Omit<StoreContext, 'database'>,
  request: { readonly commit: PageCommit; readonly ahead: PagesAhead; readonly mayAssumeNew: boolean },
): Promise<PageResult> {
  const { tables, sizes } = context
  const { commit: given, ahead, mayAssumeNew } = request
  const page = await openPage(session, tables, given)
  const { cancelRequested, at } = page
  if (page.repeated) return { stats: page.stats, repeated: true, cancelRequested, at }
  const commit = page.overtaken
    ? await withoutOvertaken(session, tables, { scope: page.scope, commit: given })
    : given
  // Kept before quarantined: a page may hold a bad and a good record of one id.
  const kept = commit.rejected.length > 0 && new Set(commit.records.map(({ externalId }) => externalId))
  const rejected = kept
    ? commit.rejected.filter(({ externalId }) => externalId === undefined || !kept.has(externalId))
    : []
  if (page.quarantine || rejected.length > 0) {
    await holdRejected(session, tables, { scope: page.scope, commit, rejected })
    await keepQuarantine(session, tables, { scope: page.scope, commit, rejected })
  }
  const assumeNew = mayAssumeNew && page.firstLoad && commit === given
  ahead.note(commit.lease, assumeNew && session.copies)
  const parts = partsOf(commit.records, sizes.recordsPerPart)
  let { scope, stats } = page
  for (const [number, records] of parts.entries()) {
    const part: PagePart = { commit, scope, number, records, ahead: ahead.of(commit.records, number) }
    const last = number === parts.length - 1
    const plan = assumeNew ? newPart(part) : await comparePart(session, tables, part)
    const stored = await storePart(session, context, { part, plan, assumeNew, last, rejected })
    ;({ scope, stats } = stored)
    if (last) return { stats, repeated: false, cancelRequested: stored.cancelRequested, at: stored.at }
  }
  return { stats, repeated: false, cancelRequested, at }
}
