import { SyncError } from '@syncline/core'
import { parseJson } from '../json/parse-json.ts'
import type { WireResponse } from '../transport/exchange.ts'
import type { HttpRequest } from './http-request.ts'
import type { HttpResponse } from './http-response.ts'
import { type SecretParameters, withoutParameters } from './secret-parameters.ts'
import { sameOrigin } from './wire-request.ts'

/** A response, and why the body of a good one is not what was asked for. */
export interface ReadResponse {
  readonly response: HttpResponse
  /** Thrown where a rule accepts the response; other rules judge it by its status and headers. */
  readonly unreadable: SyncError | undefined
}

/** Reads a response. The text of an error response may be anything; that of a good one must be what was asked for. */
export async function readResponse(
  answer: WireResponse,
  asked: {
    readonly decode: HttpRequest['decode']
    readonly url: URL
    /** Struck from links. */
    readonly secrets: SecretParameters
    /** For messages. */
    readonly name: string
  },
): Promise<ReadResponse> {
  const { url, secrets } = asked
  const { status, headers, text } = answer
  const link = (reference: string): string => {
    const target = withoutParameters(sameOrigin(reference, url), secrets)
    return target.pathname + target.search
  }
  const header = (wanted: string): string | undefined => headers[wanted.toLowerCase()]?.[0]
  const { body, unreadable } = await readContent(answer, asked)
  return { response: { status, headers, header, link, text, body, empty: false }, unreadable }
}

async function readContent(
  { status, headers, text, unreadable }: WireResponse,
  { decode, name }: { readonly decode: HttpRequest['decode']; readonly name: string },
): Promise<{ readonly body?: unknown; readonly unreadable: SyncError | undefined }> {
  if (unreadable || text.trim() === '') return { unreadable }
  const isGood = status >= 200 && status < 300
  try {
    const body = decode && isGood ? decode(text) : await parseJson(text)
    const isPage = isGood && !decode && isMarkup(headers['content-type']?.[0])
    return isPage ? { unreadable: notReadable(name) } : { body, unreadable: undefined }
  } catch (cause) {
    return { unreadable: isGood ? notReadable(name, cause) : undefined }
  }
}

/** A login page or a proxy's note, whatever it parses to. */
const isMarkup = (contentType = ''): boolean => /^\s*(text\/html|application\/xhtml)/i.test(contentType)

/** The cause of a parse error quotes the text, which may hold personal data. */
const notReadable = (name: string, cause?: unknown): SyncError =>
  new SyncError(
    'CONNECTOR_ANSWER_INVALID',
    `The response to ${name} is not what was asked for: ${kindOf(cause)}`,
    { details: { failureType: 'system' } },
  )

const kindOf = (cause: unknown): string =>
  cause instanceof SyntaxError || cause === undefined ? 'it is not JSON' : 'it cannot be decoded'
