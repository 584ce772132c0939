import {
  type LocalUser,
  type MatchConfidence,
  type MatchState,
  type MatchStatus,
  type MatchStrategy,
  matchStrategies,
} from '@syncline/core'

/** What a strategy finds: nobody, nothing to look up by, or so many users. */
export type Hits = 'no_key' | 0 | 1 | 2 | 'one_deactivated' | 'one_of_two_deactivated' | 'two_deactivated'

/** What counts of it. */
const counted: Readonly<Record<Hits, 0 | 1 | 2>> = {
  no_key: 0,
  0: 0,
  1: 1,
  2: 2,
  one_deactivated: 1,
  one_of_two_deactivated: 1,
  two_deactivated: 2,
}

export const allHits = [
  'no_key',
  0,
  1,
  2,
  'one_deactivated',
  'one_of_two_deactivated',
  'two_deactivated',
] as const

/** A chain as it is configured, repetitions included, and the strategies that are tried. */
export interface Chain {
  readonly primary: MatchStrategy
  readonly fallbacks: readonly MatchStrategy[]
  readonly tried: readonly MatchStrategy[]
}

/** Each strategy alone, also repeated; every chain of two, in both orders, also with repetitions. */
export const chains: readonly Chain[] = matchStrategies.flatMap((primary) => [
  { primary, fallbacks: [], tried: [primary] },
  { primary, fallbacks: [primary, primary], tried: [primary] },
  ...matchStrategies
    .filter((other) => other !== primary)
    .flatMap((other) => [
      { primary, fallbacks: [other], tried: [primary, other] },
      { primary, fallbacks: [primary, other, primary, other], tried: [primary, other] },
    ]),
])

/** A row as it may stand before. */
export interface Before {
  readonly name: string
  readonly state?: MatchState | undefined
  /** Whether the user of the row still exists. */
  readonly userExists: boolean
}

/** Nobody's id is this one: it is only in rows from before. */
export const earlierUser: LocalUser = { userId: 'earlier', status: 'active' }

const row = (
  matchStatus: MatchStatus,
  matchConfidence: MatchConfidence,
  fields: Partial<MatchState> = {},
): MatchState => ({ matchStatus, matchConfidence, evidence: [], ...fields })

const linked = { userId: earlierUser.userId }

/** Every status with every confidence it can have. */
export const befores: readonly Before[] = [
  { name: 'no row', userExists: false },
  ...(['exact', 'probable'] as const).flatMap((confidence) =>
    [true, false].map((userExists) => ({
      name: `matched ${confidence} by a strategy, user ${userExists ? 'there' : 'deleted since'}`,
      state: row('matched', confidence, { ...linked, matchStrategy: 'email' }),
      userExists,
    })),
  ),
  ...[true, false].map((userExists) => ({
    name: `matched to the user made for it, user ${userExists ? 'there' : 'deleted since'}`,
    state: row('matched', 'exact', linked),
    userExists,
  })),
  { name: 'unmatched', state: row('unmatched', 'none'), userExists: false },
  { name: 'ambiguous', state: row('ambiguous', 'ambiguous', { matchStrategy: 'email' }), userExists: false },
  { name: 'manual override', state: row('manual_override', 'exact', linked), userExists: true },
  {
    name: 'manual override, user deleted since',
    state: row('manual_override', 'exact', linked),
    userExists: false,
  },
  { name: 'skipped', state: row('skipped', 'none', { resolvedBy: 'op' }), userExists: false },
  { name: 'a user is being made', state: row('create_pending', 'none'), userExists: false },
]

/** The part of an outcome that the table says; the user's id is that of the only one who counts. */
export type Outcome =
  | 'untouched'
  | 'keeps the user made for it'
  | {
      readonly matchStatus: MatchStatus
      readonly matchConfidence: MatchConfidence
      readonly by?: MatchStrategy
    }

/** The rules of SPEC, read once more, independently of the code: first the row, then the chain, then what is left. */
export function expected(chain: Chain, hits: readonly Hits[], before: Before): Outcome {
  const status = before.state?.matchStatus
  if (status === 'manual_override' || status === 'skipped' || status === 'create_pending') return 'untouched'
  if (status === 'matched' && before.state?.matchStrategy === undefined && before.userExists)
    return 'keeps the user made for it'
  for (const [place, by] of chain.tried.entries()) {
    const count = counted[hits[place] ?? 0]
    if (count === 1)
      return { matchStatus: 'matched', matchConfidence: place === 0 ? 'exact' : 'probable', by }
    if (count === 2) return { matchStatus: 'ambiguous', matchConfidence: 'ambiguous', by }
  }
  return { matchStatus: 'unmatched', matchConfidence: 'none' }
}
