import { SyncError } from '@syncline/core'
import { requestInvalid } from '../problems/request-invalid.ts'
import { type HeaderValues, headerOf } from './headers.ts'
import { parseJson } from './parse-json.ts'

/** `application/json`, in UTF-8 if it says so, and not a letter more. */
const jsonType = /^application\/json(?:[\t ]*;[\t ]*charset="?utf-8"?)?$/i

/**
 * What a request's body says; undefined when it has none.
 * @throws MEDIA_TYPE_UNSUPPORTED, BODY_TOO_LARGE, REQUEST_INVALID
 */
export function readJsonBody(
  body: Uint8Array | undefined,
  { headers, maxBytes }: { readonly headers: HeaderValues; readonly maxBytes: number },
): unknown {
  if (!body || body.byteLength === 0) return undefined
  if (body.byteLength > maxBytes) throw bodyTooLarge(maxBytes)
  if (!jsonType.test(headerOf(headers, 'content-type') ?? '')) {
    throw new SyncError('MEDIA_TYPE_UNSUPPORTED', 'The body must be application/json, in UTF-8')
  }
  const encoding = headerOf(headers, 'content-encoding')
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new SyncError('MEDIA_TYPE_UNSUPPORTED', 'The body must not have a content encoding')
  }
  return parseJson(body)
}

/** @throws REQUEST_INVALID */
export function refuseBody(body: Uint8Array | undefined): void {
  if (body && body.byteLength > 0) throw requestInvalid('body', 'this route takes none')
}

export const bodyTooLarge = (maxBytes: number): SyncError =>
  new SyncError('BODY_TOO_LARGE', `The body is longer than ${maxBytes} bytes`)
