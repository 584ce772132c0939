import {
  isSyncError,
  type LocalUser,
  matchStrategies,
  type Syncline,
  type UpstreamRecord,
} from '@syncline/core'
import fc from 'fast-check'
import { localUser, otherStaff, type PeopleStage, person, type Settings, staff } from './people-stage.ts'

/** A host, its settings, and what upstream lists in one sync after the other. */
export interface World {
  readonly users: readonly LocalUser[]
  readonly settings: Settings
  readonly listings: readonly (readonly UpstreamRecord[])[]
  /** What happens between a sync and its post-sync: the first after the first sync, and so on. */
  readonly moves: readonly Move[]
  /** External ids in another connector, with e-mails. */
  readonly elsewhere: readonly UpstreamRecord[]
}

/** What the host or an operator does meanwhile; to somebody who is not there, nothing. */
export type Move =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'user_removed'; readonly userId: string }
  | { readonly kind: 'user_put'; readonly user: LocalUser }
  | { readonly kind: 'skip'; readonly externalId: string }
  | { readonly kind: 'link'; readonly externalId: string; readonly userId: string }

/** Where a move is made. */
export interface MoveHands {
  readonly syncline: Syncline
  readonly users: { put(user: LocalUser): unknown; remove(userId: string): unknown }
}

export async function makeMove({ syncline, users }: MoveHands, move: Move | undefined): Promise<void> {
  if (move?.kind === 'user_removed') await users.remove(move.userId)
  if (move?.kind === 'user_put') await users.put(move.user)
  if (move?.kind !== 'skip' && move?.kind !== 'link') return
  const { data } = await syncline.matches.list({ ...staff, pageSize: 100 })
  const row = data.find(({ externalId }) => externalId === move.externalId)
  if (!row) return
  const { connectorId, matchId } = row
  const userId = move.kind === 'link' ? move.userId : undefined
  const resolution = { connectorId, matchId, action: move.kind, userId, resolvedBy: 'operator' }
  await syncline.matches.resolve(resolution).catch((error: unknown) => {
    if (!isSyncError(error, 'USER_NOT_FOUND')) throw error
  })
}

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const email = fc.option(
  name.map((text) => `${text}@acme.example`),
  { nil: null, freq: 5 },
)

const issuer = fc.option(
  fc.constantFrom('https://idp.example', 'https://IdP.example', 'https://other.example'),
  {
    nil: undefined,
  },
)

const record = fc
  .record({
    id: name,
    email,
    title: fc.option(fc.constantFrom('Boss', 'Chief', ''), { nil: undefined }),
    identityIssuer: issuer,
  })
  .map(({ id, email: address, title, identityIssuer }) =>
    person(id, {
      email: address,
      attributes: {
        ...(title !== undefined && { title }),
        ...(identityIssuer !== undefined && { identityIssuer }),
      },
    }),
  )

const listing = fc.uniqueArray(record, { selector: ({ externalId }) => externalId, maxLength: 5 })

const user: fc.Arbitrary<LocalUser> = fc
  .record({
    name,
    email: fc.option(
      fc.oneof(
        name,
        name.map((text) => text.toUpperCase()),
      ),
      { nil: undefined },
    ),
    status: fc.constantFrom('active', 'active', 'unconfirmed', 'deactivated'),
    sub: fc.option(name, { nil: undefined }),
    upstreamId: fc.option(name, { nil: undefined }),
    upstreamIssuer: issuer,
  })
  .map(({ name: text, email: address, ...rest }) =>
    localUser(text, { ...rest, email: address === undefined ? undefined : `${address}@acme.example` }),
  )

const idOfUser = name.map((text) => localUser(text).userId)

export const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('nothing' as const) }) },
  fc.record({ kind: fc.constant('user_removed' as const), userId: idOfUser }),
  fc.record({ kind: fc.constant('user_put' as const), user }),
  fc.record({ kind: fc.constant('skip' as const), externalId: name }),
  fc.record({ kind: fc.constant('link' as const), externalId: name, userId: idOfUser }),
)

const settings = fc.record({
  userMatchStrategy: fc.constantFrom(...matchStrategies),
  userMatchFallbackStrategies: fc.array(fc.constantFrom(...matchStrategies), { maxLength: 3 }),
  createUsers: fc.boolean(),
  deactivateUsers: fc.boolean(),
  createUserDefaults: fc.constantFrom({}, { title: 'New', location: 'Remote' }),
  attributeMappings: fc.constantFrom(
    [],
    [
      {
        sourcePath: 'attributes.title',
        targetField: 'title',
        writeMode: 'overwrite_always' as const,
        enabled: true,
        clearWhenAbsent: true,
      },
      {
        sourcePath: 'externalId',
        targetField: 'employeeId',
        writeMode: 'overwrite_if_empty' as const,
        enabled: true,
      },
    ],
  ),
})

export const world: fc.Arbitrary<World> = fc.record({
  users: fc.uniqueArray(user, { selector: (one) => one.userId, maxLength: 5 }),
  settings,
  listings: fc.array(listing, { minLength: 1, maxLength: 4 }),
  moves: fc.array(move, { minLength: 4, maxLength: 4 }),
  elsewhere: fc.uniqueArray(record, { selector: ({ externalId }) => externalId, maxLength: 2 }),
})

/** Everything that came of it, without ids and times that differ from one time to the next. */
export async function outcomeOf(stage: PeopleStage): Promise<unknown> {
  const { syncline, users, profiles } = stage
  const { data } = await syncline.matches.list({ ...staff, pageSize: 2_000 })
  const actions = await syncline.postSync.actions({ limit: 10_000 })
  const ids = users.all().map(({ userId }) => userId)
  return {
    rows: data.map(
      ({ externalId, userId, matchStatus, matchConfidence, matchStrategy, evidence, problem }) => ({
        externalId,
        userId,
        matchStatus,
        matchConfidence,
        matchStrategy,
        evidence,
        problem,
      }),
    ),
    users: users.all(),
    profiles: ids.length > 0 ? await profiles.read(ids) : [],
    done: actions
      .filter(({ status }) => status === 'done')
      .map(({ kind, externalId, userId, before, after }) => ({ kind, externalId, userId, before, after }))
      .toSorted((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other))),
  }
}

/** People of the other connector, matched once. */
export async function fillElsewhere({ syncline }: PeopleStage, { elsewhere }: World): Promise<void> {
  for (const one of elsewhere) await syncline.resources.upsert(otherStaff, one)
  await syncline.postSync.run(otherStaff)
}
