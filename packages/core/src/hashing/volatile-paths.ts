import { SyncError } from '../errors.ts'
import { textProblem } from './json-text.ts'
import { isUnsafeName } from './member-order.ts'

const maxPaths = 64
const maxSegments = 16
const maxShown = 60

/**
 * Checks the paths that do not count as a change: `displayName`, `email` or own-property dot paths such as
 * `attributes.profile.lastLogin`. A name that itself holds a dot, and the items of a list, cannot be addressed.
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
 * The segments of one path.
 * @throws SYNC_CONFIG_INVALID
 */
export function parseVolatilePath(path: string): readonly string[] {
  const shown = JSON.stringify(path.length > maxShown ? `${path.slice(0, maxShown)}…` : path)
  const problem = textProblem(path)
  if (problem !== undefined) throw invalid(`${shown} ${problem.fact}`)
  if (path === 'displayName' || path === 'email') return [path]
  const segments = path.split('.')
  if (segments[0] !== 'attributes' || segments.length < 2) {
    throw invalid(`${shown} must be "displayName", "email" or start with "attributes."`)
  }
  if (segments.length > maxSegments) throw invalid(`${shown} has more than ${maxSegments} segments`)
  if (segments.includes('')) throw invalid(`${shown} has an empty segment`)
  const unsafe = segments.find(isUnsafeName)
  if (unsafe !== undefined) throw invalid(`${shown} names "${unsafe}", which is never stored`)
  return segments
}

function invalid(fact: string): SyncError {
  return new SyncError('SYNC_CONFIG_INVALID', `volatilePaths: ${fact}`, {
    details: { path: 'volatilePaths' },
  })
}
