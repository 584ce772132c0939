import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress, createGunzip } from 'node:zlib'
import { SyncError } from '@syncline/core'

export interface BodyRequest {
  readonly body: Readable
  readonly headers: Readonly<Record<string, readonly string[]>>
  /** Counted after unpacking. */
  readonly maxBytes: number
  /** For messages. */
  readonly name: string
}

/**
 * The text of an answer. Memory stays below the cap, whatever a small body unpacks to.
 * @throws CONNECTOR_ANSWER_INVALID when it is longer, packed in an unknown way, or not the text it says it is
 */
export async function readBody(request: BodyRequest): Promise<string> {
  const { body, headers, maxBytes, name } = request
  const chunks: Buffer[] = []
  let bytes = 0
  const collect = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of source) {
      bytes += chunk.length
      if (bytes > maxBytes) throw invalid(name, `is longer than ${maxBytes} bytes`)
      chunks.push(chunk)
    }
  }
  const unpack = unpackerOf(headers['content-encoding'] ?? [], name)
  await (unpack ? pipeline(body, unpack, collect) : pipeline(body, collect))
  return decodeText(Buffer.concat(chunks), headers['content-type']?.[0] ?? '', name)
}

function unpackerOf(encodings: readonly string[], name: string) {
  const encoding = encodings.join(',').trim().toLowerCase()
  if (encoding === '' || encoding === 'identity') return undefined
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip()
  if (encoding === 'br') return createBrotliDecompress()
  throw invalid(name, 'is packed in a way that was not asked for')
}

/** Bytes that are no text in the charset are an error: replaced characters would be stored as a change. */
function decodeText(bytes: Buffer, contentType: string, name: string): string {
  const charset = /;\s*charset="?([^\s;"]+)/i.exec(contentType)?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes)
  } catch (cause) {
    throw invalid(name, `is no text in ${charset.slice(0, 40)}`, cause)
  }
}

const invalid = (name: string, what: string, cause?: unknown): SyncError =>
  new SyncError('CONNECTOR_ANSWER_INVALID', `The answer to ${name} ${what}`, {
    details: { failureType: 'system' },
    cause,
  })
