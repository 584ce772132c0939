import { textProblem } from '../hashing/json-text.ts'
import { RecordProblem } from './record-problem.ts'

const maxCodePoints = 255
const resourceTypePattern = /^[a-z][a-z0-9_-]{0,63}$/

/** Text of at most 255 code points that can be stored unaltered. */
export function checkText(value: unknown, path: string): string {
  if (typeof value !== 'string') {
    throw new RecordProblem('INVALID_SHAPE', `${path} is ${describe(value)}, not a string`)
  }
  if (isTooLong(value)) throw new RecordProblem('TOO_LONG', `${path} is over ${maxCodePoints} code points`)
  const problem = textProblem(value)
  if (problem !== undefined) throw new RecordProblem(problem.reason, `${path} ${problem.fact}`)
  return value
}

/** An id as upstream gave it, byte for byte: neither trimmed nor normalised. */
export function checkExternalId(value: unknown, path: string): string {
  if (typeof value === 'number' || typeof value === 'bigint') {
    throw new RecordProblem(
      'INVALID_SHAPE',
      `${path} is a number, not a string; have the connector keep ids as text: above 2^53 numbers are rounded`,
    )
  }
  const id = checkText(value, path)
  if (id === '') throw new RecordProblem('INVALID_SHAPE', `${path} is empty`)
  if (id.trim() === '') throw new RecordProblem('INVALID_SHAPE', `${path} is only whitespace`)
  return id
}

export function checkResourceType(value: unknown, path: string): string {
  const type = checkText(value, path)
  if (resourceTypePattern.test(type)) return type
  throw new RecordProblem('INVALID_SHAPE', `${path} does not match [a-z][a-z0-9_-]{0,63}`)
}

/** A code point takes one or two code units: only in between must they be counted. */
function isTooLong(text: string): boolean {
  if (text.length <= maxCodePoints) return false
  return text.length > 2 * maxCodePoints || Array.from(text).length > maxCodePoints
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
