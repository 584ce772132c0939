import { SyncError } from '../errors.ts'
import { decideMatches, type MatchDecision } from '../matching/decide-matches.ts'
import { strategyChain } from '../matching/match-keys.ts'
import type { MatchSubject } from '../model/match.ts'
import type { PostSyncSettings } from '../model/post-sync-settings.ts'
import { oneAhead } from './one-ahead.ts'
import type { TenantUsers } from './tenant-ports.ts'
import { matchCounters, type PostSyncWork, type Tally } from './work.ts'

/** How often a slice is decided again because an operator was faster. */
const maxAttempts = 5

/**
 * Step 1: every live resource against the host's users. Rows that stay as they are, are not written. While a slice is
 * written, the next one is decided and the one after it is read; no slice depends on another one.
 */
export async function matchPeople(work: PostSyncWork, users: TenantUsers): Promise<void> {
  for await (const slice of oneAhead(decideSlices(work, users))) {
    work.checkpoint()
    count(work.tally, await writeSlice(work, users, slice))
  }
}

interface DecidedSlice {
  readonly subjects: readonly MatchSubject[]
  readonly decisions: readonly MatchDecision[]
}

async function* decideSlices(work: PostSyncWork, users: TenantUsers): AsyncGenerator<DecidedSlice> {
  const attributes = needsAttributes(work.settings)
  for await (const subjects of oneAhead(work.view.slices('live', { attributes }))) {
    work.checkpoint()
    yield { subjects, decisions: await decideMatches(users, work.settings, subjects) }
  }
}

/** Issuers may be read from them, and so may the profiles of users that are made. */
const needsAttributes = (settings: PostSyncSettings): boolean =>
  settings.createUsers || strategyChain(settings).includes('email_and_issuer')

async function writeSlice(
  work: PostSyncWork,
  users: TenantUsers,
  { subjects, decisions: first }: DecidedSlice,
): Promise<readonly MatchDecision[]> {
  let decisions = first
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    if (!decisions.some(({ write }) => write)) return decisions
    if (await work.effects.matches(decisions)) return decisions
    const again = await work.view.subjectsOf(subjects.map(({ externalId }) => externalId))
    decisions = await decideMatches(users, work.settings, again)
    work.checkpoint()
  }
  throw new SyncError(
    'MATCH_CHANGED',
    'Match rows were changed by others again and again while they were decided',
  )
}

function count({ stats }: Tally, decisions: readonly MatchDecision[]): void {
  for (const { matchStatus, write, previous } of decisions) {
    stats[matchCounters[matchStatus]] += 1
    if (write) stats.changed += 1
    if ((write ?? previous)?.problem?.code === 'USER_LINK_LOST') stats.linksLost += 1
  }
}
