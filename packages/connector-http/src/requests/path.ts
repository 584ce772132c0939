import { type JsonValue, SyncError } from '@syncline/core'

/**
 * Writes values into a path, encoded: path`/groups/${group.id}/members`
 * @throws CONNECTOR_ANSWER_INVALID for what is no text and no number, and for an empty value, `.` and `..`, which
 * would lead to another place
 */
export function path(parts: TemplateStringsArray, ...values: readonly (JsonValue | undefined)[]): string {
  return parts.reduce((whole, part, index) => whole + segment(values[index - 1]) + part)
}

function segment(value: JsonValue | undefined): string {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  if (!/^\.{0,2}$/.test(text)) return encodeURIComponent(text)
  throw new SyncError('CONNECTOR_ANSWER_INVALID', `A path cannot hold ${JSON.stringify(value)} as a value`, {
    details: { failureType: 'system' },
  })
}
