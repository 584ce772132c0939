import { SyncError } from '../errors.ts'
import { type PathSegment, parseMemberPath } from './member-path.ts'

const maxPaths = 64
const maxSegments = 16
const maxShown = 60

/**
 * Checks the paths that do not count as a change: `displayName`, `email` or own-property dot paths such as
 * `attributes.profile.lastLogin`. A name that holds a dot may be written as `["a.b"]`. The items of a list cannot be
 * addressed.
 * @returns the paths without repetitions
 * @throws SYNC_CONFIG_INVALID
 */
export function parseVolatilePaths(paths: unknown): readonly string[] {
  if (!Array.isArray(paths)) throw invalid('must be a list of paths, such as ["attributes.lastLogin"]')
  if (paths.length > maxPaths) throw invalid(`has ${paths.length} paths, at most ${maxPaths} are possible`)
  const distinct = new Set<string>()
  for (const [index, path] of (paths as readonly unknown[]).entries()) {
    if (typeof path !== 'string') throw invalid(`item ${index} is not a string`)
    parseVolatilePath(path)
    distinct.add(path)
  }
  return [...distinct]
}

/**
 * The names of one path.
 * @throws SYNC_CONFIG_INVALID
 */
export function parseVolatilePath(path: string): readonly PathSegment[] {
  const shown = JSON.stringify(path.length > maxShown ? `${path.slice(0, maxShown)}…` : path)
  if (path === 'displayName' || path === 'email') return [{ name: path, quoted: false }]
  const segments = parseMemberPath(path, Number.POSITIVE_INFINITY)
  if (typeof segments === 'string') throw invalid(`${shown} ${segments}`)
  if (segments[0]?.name !== 'attributes' || segments.length < 2) {
    throw invalid(`${shown} must be "displayName", "email" or start with "attributes."`)
  }
  if (segments.length > maxSegments) throw invalid(`${shown} has more than ${maxSegments} segments`)
  return segments
}

function invalid(fact: string): SyncError {
  return new SyncError('SYNC_CONFIG_INVALID', `volatilePaths: ${fact}`, {
    details: { path: 'volatilePaths' },
  })
}
