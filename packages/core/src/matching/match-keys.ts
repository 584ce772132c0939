import { compileSourcePath, type PathRoot } from '../mapping/source-path.ts'
import type { LocalUser } from '../model/local-user.ts'
import type { MatchStrategy } from '../model/match.ts'
import type { PostSyncSettings } from '../model/post-sync-settings.ts'
import type { UserKey } from '../ports/user-directory.ts'
import { emailKey, matchText } from './match-text.ts'

/** The strategies in the order they are tried: the primary, then the fallbacks, each once. */
export const strategyChain = ({
  userMatchStrategy,
  userMatchFallbackStrategies,
}: Pick<PostSyncSettings, 'userMatchStrategy' | 'userMatchFallbackStrategies'>): readonly MatchStrategy[] => [
  ...new Set([userMatchStrategy, ...userMatchFallbackStrategies]),
]

type KeyOfResource = (resource: PathRoot) => UserKey | undefined

/**
 * What a resource is looked up by; undefined when it has nothing to be looked up by.
 * @param issuerSourcePath @default attributes.identityIssuer
 */
export function compileResourceKey(
  strategy: MatchStrategy,
  issuerSourcePath = 'attributes.identityIssuer',
): KeyOfResource {
  const readIssuer = compileSourcePath(issuerSourcePath)
  const issuerOf = (resource: PathRoot): string | undefined => {
    const issuer = readIssuer(resource)
    return typeof issuer === 'string' ? issuer : undefined
  }
  const ways: Readonly<Record<MatchStrategy, KeyOfResource>> = {
    email: ({ email }) => keyOf(emailKey(email)),
    email_and_issuer: (resource) => keyWithIssuer(resource.email, issuerOf(resource)),
    upstream_identity: ({ externalId }) => keyOf(externalId),
    external_id: ({ externalId }) => keyOf(externalId),
  }
  return ways[strategy]
}

const keysOfUsers: Readonly<Record<MatchStrategy, (user: LocalUser) => UserKey | undefined>> = {
  email: ({ email }) => keyOf(emailKey(email)),
  email_and_issuer: ({ email, upstreamIssuer }) => keyWithIssuer(email, upstreamIssuer),
  upstream_identity: ({ upstreamId }) => keyOf(upstreamId),
  external_id: ({ sub }) => keyOf(sub),
}

/** What a user is found by. */
export const userKey = (strategy: MatchStrategy, user: LocalUser): UserKey | undefined =>
  keysOfUsers[strategy](user)

/** Field by field: of a joined text, parts of one could be taken for the other. */
export const sameKey = (one: UserKey | undefined, other: UserKey | undefined): boolean =>
  one !== undefined && other !== undefined && one.value === other.value && one.issuer === other.issuer

const keyOf = (value: string | undefined): UserKey | undefined =>
  value === undefined || value === '' ? undefined : { value }

/** An address without its issuer is no key: the same one may be somebody else's elsewhere. */
function keyWithIssuer(email: string | null | undefined, issuer: string | undefined): UserKey | undefined {
  const value = emailKey(email)
  const folded = issuer === undefined ? undefined : matchText(issuer)
  return value === undefined || folded === undefined ? undefined : { value, issuer: folded }
}
