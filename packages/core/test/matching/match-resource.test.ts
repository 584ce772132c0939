import { type LocalUser, type MatchState, type MatchStrategy, matchStrategies } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import type { PathRoot } from '../../src/mapping/source-path.ts'
import { compileResourceKey, sameKey, strategyChain, userKey } from '../../src/matching/match-keys.ts'
import {
  countingUsers,
  isDecisive,
  type MatchAttempt,
  matchResource,
} from '../../src/matching/match-resource.ts'
import {
  allHits,
  type Before,
  befores,
  type Chain,
  chains,
  earlierUser,
  expected,
  type Hits,
} from './match-cases.ts'

const issuerPath = 'attributes.identityIssuer'
const whole: PathRoot = {
  externalId: 'E-1',
  displayName: 'Jane Doe',
  email: 'Jane@Example.com',
  attributes: { identityIssuer: 'https://IdP.example' },
}

/** A user that a strategy finds for the resource, and no other strategy does. */
function foundBy(strategy: MatchStrategy, number: number, status: LocalUser['status']): LocalUser {
  const userId = `${strategy}-${number}`
  const ways: Readonly<Record<MatchStrategy, Partial<LocalUser>>> = {
    email: { email: 'jane@example.COM' },
    email_and_issuer: { email: 'JANE@example.com', upstreamIssuer: 'https://idp.example' },
    upstream_identity: { upstreamId: 'E-1' },
    external_id: { sub: 'E-1' },
  }
  return { userId, status, ...ways[strategy] }
}

const statuses: Readonly<Record<Hits, readonly LocalUser['status'][]>> = {
  no_key: [],
  0: [],
  1: ['active'],
  2: ['active', 'unconfirmed'],
  one_deactivated: ['deactivated'],
  one_of_two_deactivated: ['deactivated', 'unconfirmed'],
  two_deactivated: ['deactivated', 'deactivated'],
}

/** What trying a chain gives: on until something is decisive, as the engine does. */
function attemptsOf({ tried }: Chain, hits: readonly Hits[]): readonly MatchAttempt[] {
  const attempts: MatchAttempt[] = []
  for (const [place, strategy] of tried.entries()) {
    const found = hits[place] ?? 0
    const attempt = {
      strategy,
      key: found === 'no_key' ? undefined : compileResourceKey(strategy, issuerPath)(whole),
      hits: statuses[found].map((status, number) => foundBy(strategy, number, status)),
    }
    attempts.push(attempt)
    if (isDecisive(attempt)) break
  }
  return attempts
}

const cases = chains.flatMap((chain) =>
  hitsFor(chain.tried.length).flatMap((hits) => befores.map((before) => ({ chain, hits, before }))),
)

function hitsFor(strategies: number): readonly (readonly Hits[])[] {
  if (strategies === 0) return [[]]
  return hitsFor(strategies - 1).flatMap((some) => allHits.map((one) => [...some, one]))
}

describe('the table of cases: chain × hits × what stood there before', () => {
  test('has all of them', () => {
    // Alone: 4 strategies × 2 spellings × 7; in twos: 12 chains × 2 spellings × 49; each × 13 rows.
    expect(befores).toHaveLength(13)
    expect(cases).toHaveLength((4 * 2 * 7 + 12 * 2 * 49) * 13)
  })

  test.each(chains.map((chain) => [[chain.primary, ...chain.fallbacks].join(' → '), chain] as const))(
    '%s',
    (_name, chain) => {
      const { primary, fallbacks } = chain
      const tried = strategyChain({ userMatchStrategy: primary, userMatchFallbackStrategies: fallbacks })
      expect(tried, 'repetitions are ignored, the primary comes first').toEqual(chain.tried)
      for (const { hits, before } of cases.filter((one) => one.chain === chain)) {
        const attempts = attemptsOf(chain, hits)
        const linked = before.userExists ? earlierUser : undefined
        const decided = matchResource({ attempts, previous: before.state, linked })
        checkOutcome(`${hits.join(', ')}; before: ${before.name}`, { chain, hits, before, attempts, decided })
      }
    },
  )
})

function checkOutcome(
  name: string,
  given: {
    readonly chain: Chain
    readonly hits: readonly Hits[]
    readonly before: Before
    readonly attempts: readonly MatchAttempt[]
    readonly decided: MatchState | undefined
  },
): void {
  const { chain, hits, before, attempts, decided } = given
  const outcome = expected(chain, hits, before)
  if (outcome === 'untouched') {
    expect(decided, `case: ${name}`).toBeUndefined()
    return
  }
  const last = attempts.at(-1)
  const users = last ? countingUsers(last) : []
  const evidence = attempts.map((attempt) => ({
    strategy: attempt.strategy,
    ...(attempt.key && { key: attempt.key }),
    hits: countingUsers(attempt).length,
  }))
  if (outcome === 'keeps the user made for it') {
    expect(decided, `case: ${name}`).toEqual(before.state)
    return
  }
  const { by, ...state } = outcome
  expect(decided, `case: ${name}`).toEqual({
    ...state,
    evidence,
    ...(by && { matchStrategy: by }),
    ...(state.matchStatus === 'matched' && { userId: users[0]?.userId }),
    ...(state.matchStatus === 'ambiguous' && {
      candidateUserIds: users.map(({ userId, email }) => ({
        userId,
        ...(email && { email }),
        confidence: 'ambiguous',
        reason: by,
      })),
    }),
  })
}

describe('what is looked up', () => {
  const keyOf = (strategy: MatchStrategy, resource: PathRoot): unknown =>
    compileResourceKey(strategy, issuerPath)(resource)

  test('is the folded e-mail, with the folded issuer as a field of its own, or the id byte for byte', () => {
    expect(keyOf('email', whole)).toEqual({ value: 'jane@example.com' })
    expect(keyOf('email_and_issuer', whole)).toEqual({
      value: 'jane@example.com',
      issuer: 'https://idp.example',
    })
    expect(keyOf('upstream_identity', whole)).toEqual({ value: 'E-1' })
    expect(keyOf('external_id', whole)).toEqual({ value: 'E-1' })
  })

  test.each([
    ['no e-mail', { ...whole, email: null }, ['email', 'email_and_issuer']],
    ['blank e-mail', { ...whole, email: ' ' }, ['email', 'email_and_issuer']],
    ['no address', { ...whole, email: 'n/a' }, ['email', 'email_and_issuer']],
    ['no issuer', { ...whole, attributes: {} }, ['email_and_issuer']],
    ['null as issuer', { ...whole, attributes: { identityIssuer: null } }, ['email_and_issuer']],
    ['blank issuer', { ...whole, attributes: { identityIssuer: ' ' } }, ['email_and_issuer']],
    [
      'an issuer that is no text',
      { ...whole, attributes: { identityIssuer: { a: 1 } } },
      ['email_and_issuer'],
    ],
  ] as const)('%s: there is nothing to be looked up by', (_name, resource, without) => {
    expect(matchStrategies.filter((strategy) => keyOf(strategy, resource) === undefined)).toEqual(without)
  })

  test('two fields are never taken for one: a bar in an address joins nothing', () => {
    const one = userKey('email_and_issuer', {
      ...foundBy('email', 0, 'active'),
      email: 'a@b|c',
      upstreamIssuer: 'd',
    })
    const other = userKey('email_and_issuer', {
      ...foundBy('email', 0, 'active'),
      email: 'a@b',
      upstreamIssuer: 'c|d',
    })
    expect(sameKey(one, other)).toBe(false)
    expect(sameKey(undefined, undefined), 'nothing equals nothing').toBe(false)
  })
})

describe('what a directory answers', () => {
  const attempt = (hits: readonly LocalUser[]): MatchAttempt => ({
    strategy: 'email',
    key: { value: 'jane@example.com' },
    hits,
  })
  const jane = foundBy('email', 1, 'active')

  test('is compared again: who does not equal the key is ignored', () => {
    const others = ['jane@example.org', 'Jane Doe <jane@example.com>', '', undefined].map(
      (email, number) => ({
        userId: `other-${number}`,
        status: 'active' as const,
        ...(email !== undefined && { email }),
      }),
    )
    expect(countingUsers(attempt([...others, jane]))).toEqual([jane])
  })
  test('counts each user once', () => expect(countingUsers(attempt([jane, { ...jane }]))).toEqual([jane]))
  test('is counted up to 10 candidates, ordered by user id, whatever the order it came in', () => {
    const many = Array.from({ length: 14 }, (_, number) => ({ ...jane, userId: `u-${10 + number}` }))
    const one = matchResource({ attempts: [attempt(many)] })
    expect(one?.candidateUserIds?.map(({ userId }) => userId)).toEqual(
      many.slice(0, 10).map(({ userId }) => userId),
    )
    expect(one?.evidence[0]?.hits).toBe(10)
    expect(matchResource({ attempts: [attempt(many.toReversed())] })).toEqual(one)
  })
})

describe('a row over time', () => {
  const emailAttempt = (email: string, hits: readonly LocalUser[]): MatchAttempt => ({
    strategy: 'email',
    key: compileResourceKey('email', issuerPath)({ ...whole, email }),
    hits,
  })
  const jane: LocalUser = { userId: 'jane', status: 'active', email: 'jane@example.com' }
  const joan: LocalUser = { userId: 'joan', status: 'active', email: 'joan@example.com' }
  const first = matchResource({ attempts: [emailAttempt('jane@example.com', [jane])] })

  test('its e-mail changed to that of another user: it moves to that user', () => {
    const after = matchResource({
      attempts: [emailAttempt('joan@example.com', [joan])],
      previous: first,
      linked: jane,
    })
    expect(after).toMatchObject({ matchStatus: 'matched', userId: 'joan' })
  })
  test('its e-mail changed to one that nobody has: unmatched', () => {
    const after = matchResource({
      attempts: [emailAttempt('new@example.com', [])],
      previous: first,
      linked: jane,
    })
    expect(after).toMatchObject({ matchStatus: 'unmatched', matchConfidence: 'none' })
    expect(after).not.toHaveProperty('userId')
  })
  test('a second user got its e-mail: ambiguous, and no longer linked', () => {
    const twin = { ...jane, userId: 'twin' }
    const after = matchResource({
      attempts: [emailAttempt('jane@example.com', [jane, twin])],
      previous: first,
      linked: jane,
    })
    expect(after).toMatchObject({ matchStatus: 'ambiguous' })
    expect(after).not.toHaveProperty('userId')
  })
  test('the resource came back, or is matched again: the same as the first time', () => {
    const again = matchResource({
      attempts: [emailAttempt('jane@example.com', [jane])],
      previous: first,
      linked: jane,
    })
    expect(again).toEqual(first)
  })
  test('its user was deactivated: still the same person', () => {
    const gone = { ...jane, status: 'deactivated' as const }
    const after = matchResource({
      attempts: [emailAttempt('jane@example.com', [gone])],
      previous: first,
      linked: gone,
    })
    expect(after).toEqual(first)
  })
  test('a link to the user who was made stays as it is, with who made it and why, while the user exists', () => {
    const made: MatchState = {
      matchStatus: 'matched',
      matchConfidence: 'exact',
      userId: 'jane',
      evidence: [],
      resolvedBy: 'op',
      resolutionNotes: 'asked HR',
    }
    const same = matchResource({
      attempts: [emailAttempt('jane@example.com', [jane])],
      previous: made,
      linked: jane,
    })
    expect(same).toEqual(made)
    const other = matchResource({
      attempts: [emailAttempt('joan@example.com', [joan])],
      previous: made,
    })
    expect(other).toMatchObject({ userId: 'joan', matchStrategy: 'email' })
    expect(other).not.toHaveProperty('resolvedBy')
  })
})
