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
 * Reads the text of a response. Memory stays below the cap, whatever a small body unpacks to.
 * @throws CONNECTOR_ANSWER_INVALID when it is too long, packed in an unknown way, or not text in its charset
 */
export async function readBody(request: BodyRequest): Promise<string> {
  const { headers, name } = request
  const charset = charsetOf(headers)
  try {
    // Replaced characters would be stored as a change.
    return new TextDecoder(charset, { fatal: true }).decode(await readBytes(request))
  } catch (cause) {
    if (!(cause instanceof TypeError || cause instanceof RangeError)) throw cause
    throw invalid(name, `is not text in ${charset.slice(0, 40)}`, cause)
  }
}

/**
 * Reads the text of an error response, whose status has decided already. Bytes that are not text in its charset are
 * replaced.
 * @throws what the stream and the unpacker throw; CONNECTOR_ANSWER_INVALID when it is too long
 */
export async function readErrorBody(request: BodyRequest): Promise<string> {
  const bytes = await readBytes(request)
  return decodeLoosely(bytes, charsetOf(request.headers))
}

async function readBytes({ body, headers, maxBytes, name }: BodyRequest): Promise<Buffer> {
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
  if (!unpack) {
    await pipeline(body, collect)
    return Buffer.concat(chunks)
  }
  const received = { bytes: 0, ended: false }
  const count = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      received.bytes += chunk.length
      yield chunk
    }
    received.ended = true
  }
  try {
    await pipeline(body, count, unpack, collect)
  } catch (error) {
    // Proxies label empty bodies as packed.
    if (received.ended && received.bytes === 0) return Buffer.alloc(0)
    throw error
  }
  return Buffer.concat(chunks)
}

function unpackerOf(encodings: readonly string[], name: string) {
  const [encoding, ...more] = encodings
    .flatMap((line) => line.split(','))
    .map((one) => one.trim().toLowerCase())
    .filter((one) => one !== '' && one !== 'identity')
  if (encoding === undefined) return undefined
  if (more.length === 0 && (encoding === 'gzip' || encoding === 'x-gzip')) return createGunzip()
  if (more.length === 0 && encoding === 'br') return createBrotliDecompress()
  throw invalid(name, 'is packed in a way that was not asked for')
}

/** The name of the charset: its case means nothing, and `TextDecoder` knows that. */
const charsetOf = (headers: BodyRequest['headers']): string =>
  /;\s*charset\s*=\s*["']?([^\s;"']+)/i.exec(headers['content-type']?.[0] ?? '')?.[1] ?? 'utf-8'

function decodeLoosely(bytes: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    return new TextDecoder().decode(bytes)
  }
}

const invalid = (name: string, what: string, cause?: unknown): SyncError =>
  new SyncError('CONNECTOR_ANSWER_INVALID', `The response to ${name} ${what}`, {
    details: { failureType: 'system' },
    cause,
  })
