import { type JsonValue, SyncError } from '@syncline/core'

/**
 * Writes values into a path, encoded: path`/groups/${group.id}/members`
 * @throws CONNECTOR_ANSWER_INVALID for a value that a path cannot hold, see `canBeInPath`
 */
export function path(parts: TemplateStringsArray, ...values: readonly (JsonValue | undefined)[]): string {
  return parts.reduce((whole, part, index) => whole + segment(values[index - 1]) + part)
}

function segment(value: JsonValue | undefined): string {
  if (canBeInPath(value)) return encodeURIComponent(value)
  const shown = JSON.stringify(value)?.slice(0, 100)
  throw new SyncError('CONNECTOR_ANSWER_INVALID', `A path cannot hold ${shown} as a value`, {
    details: { failureType: 'system' },
  })
}

/**
 * Tells whether a path can hold a value: numbers and text, but not an empty text, `.` and `..`, which would lead to
 * another place, nor half surrogate pairs, which cannot be encoded.
 */
export function canBeInPath(value: JsonValue | undefined): value is string | number {
  if (typeof value === 'number') return Number.isFinite(value)
  return typeof value === 'string' && !['', '.', '..'].includes(value) && value.isWellFormed()
}
