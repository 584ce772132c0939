import { SyncError } from '@syncline/core'
import type { z } from 'zod'

/** Which part of a request is meant. */
export type RequestPart = 'path' | 'query' | 'header' | 'body'

const mostShown = 10
const longestShown = 200

/** A request that says something it may not, in so many words. */
export const requestInvalid = (part: RequestPart, fact: string): SyncError =>
  new SyncError('REQUEST_INVALID', `The request is not valid: ${part}: ${fact}`, {
    details: { errors: [{ in: part, pointer: '', detail: fact }] },
  })

/**
 * The error of a part that its schema refuses. `pointer` is a JSON pointer (RFC 6901) into the part. An unknown name is
 * reported with the names that the part may have.
 */
export function requestMismatch(
  part: RequestPart,
  error: z.ZodError,
  names: readonly string[] = [],
): SyncError {
  const errors = error.issues.slice(0, mostShown).map(({ code, path, message }) => {
    const isUnknownName = code === 'unrecognized_keys' && path.length === 0 && names.length > 0
    return {
      in: part,
      pointer: path.map((segment) => `/${escaped(String(segment))}`).join(''),
      detail: isUnknownName
        ? `${shortened(message)}. Names that exist: ${names.join(', ')}`
        : shortened(message),
    }
  })
  const [first] = errors
  const place = first && `${part}${first.pointer}: ${first.detail}`
  return new SyncError('REQUEST_INVALID', `The request is not valid: ${place ?? part}`, {
    details: { errors },
  })
}

const escaped = (segment: string): string => shortened(segment).replaceAll('~', '~0').replaceAll('/', '~1')

/** What is shown again of what somebody sent is short and well-formed. */
const shortened = (text: string): string =>
  (text.length > longestShown ? `${text.slice(0, longestShown)}…` : text).toWellFormed()
