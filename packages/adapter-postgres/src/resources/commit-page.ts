import type { PageCommit, PageResult, ResourceStore } from '@syncline/core'
import type { StoreContext } from '../context.ts'
import type { Session } from '../database.ts'
import { isUniqueViolation } from '../pg-errors.ts'
import { comparePart, newPart } from './compare-part.ts'
import { keepQuarantine } from './keep-quarantine.ts'
import { openPage } from './open-page.ts'
import type { PagePart } from './page-part.ts'
import { holdRejected } from './seen-page.ts'
import { storePart } from './store-part.ts'

/**
 * Stores one page in one transaction. A first load is taken to be new without asking; a key that is there after
 * all breaks the transaction, and the page is compared like any other.
 */
export const commitPage =
  ({ database, ...context }: StoreContext): ResourceStore['commitPage'] =>
  async (commit) => {
    const attempt = (mayAssumeNew: boolean): Promise<PageResult> =>
      database.write((session) => storePage(session, context, { commit, mayAssumeNew }))
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
  { commit, mayAssumeNew }: { readonly commit: PageCommit; readonly mayAssumeNew: boolean },
): Promise<PageResult> {
  const { tables, sizes } = context
  const page = await openPage(session, tables, commit)
  const { cancelRequested } = page
  if (page.repeated) return { stats: page.stats, repeated: true, cancelRequested }
  // Kept before quarantined: a page may hold a bad and a good record of one id.
  const kept = commit.rejected.length > 0 && new Set(commit.records.map(({ externalId }) => externalId))
  const rejected = kept
    ? commit.rejected.filter(({ externalId }) => externalId === undefined || !kept.has(externalId))
    : []
  if (page.quarantine || rejected.length > 0) {
    await holdRejected(session, tables, { scope: page.scope, commit, rejected })
    await keepQuarantine(session, tables, { scope: page.scope, commit, rejected })
  }
  const assumeNew = mayAssumeNew && page.firstLoad
  const parts = partsOf(commit.records, sizes.recordsPerPart)
  let { scope, stats } = page
  for (const [number, records] of parts.entries()) {
    const part: PagePart = { commit, scope, number, records }
    const last = number === parts.length - 1
    const plan = assumeNew ? newPart(part) : await comparePart(session, tables, part)
    const stored = await storePart(session, context, { part, plan, assumeNew, last, rejected })
    ;({ scope, stats } = stored)
    if (last) return { stats, repeated: false, cancelRequested: stored.cancelRequested }
  }
  return { stats, repeated: false, cancelRequested }
}

/** At least one, which an empty page needs to be remembered. */
function partsOf<Item>(records: readonly Item[], size: number): readonly (readonly Item[])[] {
  if (records.length <= size) return [records]
  const count = Math.ceil(records.length / size)
  return Array.from({ length: count }, (_, number) => records.slice(number * size, (number + 1) * size))
}
