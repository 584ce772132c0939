import { SyncError } from '@syncline/core'
import type { WireResponse } from '../transport/exchange.ts'
import type { HttpRequest } from './http-request.ts'
import type { HttpResponse } from './http-response.ts'
import { type SecretParameters, withoutParameters } from './secret-parameters.ts'
import { sameOrigin } from './wire-request.ts'

/**
 * Reads an answer. The text of an error answer may be anything; that of a good one must be what was asked for.
 * @throws CONNECTOR_ANSWER_INVALID
 */
export function readResponse(
  answer: WireResponse,
  asked: {
    readonly decode: HttpRequest['decode']
    readonly url: URL
    /** Struck from links. */
    readonly secrets: SecretParameters
    /** For messages. */
    readonly name: string
  },
): HttpResponse {
  const { decode, url, secrets, name } = asked
  const { status, headers, text } = answer
  const isGood = status >= 200 && status < 300
  const header = (wanted: string): string | undefined => headers[wanted.toLowerCase()]?.[0]
  const read = decode && isGood ? decode : parseJson
  let body: unknown
  try {
    body = text.trim() === '' ? undefined : read(text)
  } catch (cause) {
    if (isGood) throw notReadable(name, cause)
  }
  if (isGood && body !== undefined && !decode && isMarkup(header('content-type'))) throw notReadable(name)
  const link = (reference: string): string => {
    const target = withoutParameters(sameOrigin(reference, url), secrets)
    return target.pathname + target.search
  }
  return { status, headers, header, link, text, body, empty: false }
}

const parseJson = (text: string): unknown => JSON.parse(text)

/** A login page or a proxy's note, whatever it parses to. */
const isMarkup = (contentType = ''): boolean => /^\s*(text\/html|application\/xhtml)/i.test(contentType)

/** The cause of a parse error quotes the text, which may hold personal data. */
const notReadable = (name: string, cause?: unknown): SyncError =>
  new SyncError(
    'CONNECTOR_ANSWER_INVALID',
    `The answer to ${name} is not what was asked for: ${kindOf(cause)}`,
    {
      details: { failureType: 'system' },
    },
  )

const kindOf = (cause: unknown): string =>
  cause instanceof SyntaxError || cause === undefined ? 'no JSON' : 'it cannot be decoded'
