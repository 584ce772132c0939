import { SyncError } from '@syncline/core'
import { berTags, notLdap, readHeader } from './ber-reader.ts'

/** The first allocation for a message that came in part. */
const smallestStore = 4_096

/**
 * Cuts the bytes of a connection into whole messages. A message that comes in many pieces is collected in a store that
 * grows by doubling, so that the cost is in proportion to its bytes and not to their square.
 */
export class MessageFramer {
  readonly #maxBytes: number
  /** The beginning of a message whose rest is still to come. */
  #store = Buffer.alloc(0)
  #held = 0
  /** Size of that message; 0 while its header is incomplete. */
  #size = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /**
   * Takes in the next piece and yields the messages that it completes.
   * @throws CONNECTOR_ANSWER_INVALID for bytes that begin no message, and for one longer than `maxBytes`
   */
  *read(piece: Buffer): Generator<Buffer> {
    const bytes = this.#held === 0 ? piece : this.#append(piece)
    if (bytes.length < this.#size) return
    let at = 0
    for (;;) {
      const size = this.#sizeAt(bytes, at)
      this.#size = size ?? 0
      if (size === undefined || size > bytes.length - at) break
      yield bytes.subarray(at, at + size)
      at += size
    }
    // The messages that were yielded are views: what is left moves to a store of its own.
    if (this.#held === 0 || at > 0) this.#hold(bytes.subarray(at))
  }

  #append(piece: Buffer): Buffer {
    const held = this.#held + piece.length
    if (held > this.#store.length) {
      const larger = Buffer.allocUnsafe(Math.max(held, 2 * this.#store.length))
      this.#store.copy(larger, 0, 0, this.#held)
      this.#store = larger
    }
    piece.copy(this.#store, this.#held)
    this.#held = held
    return this.#store.subarray(0, held)
  }

  #hold(rest: Buffer): void {
    this.#held = rest.length
    this.#store = Buffer.allocUnsafe(rest.length === 0 ? 0 : Math.max(smallestStore, rest.length))
    rest.copy(this.#store)
  }

  #sizeAt(bytes: Buffer, at: number): number | undefined {
    const tag = bytes[at]
    if (tag !== undefined && tag !== berTags.sequence) throw notLdap('a message begins with another tag')
    const header = readHeader(bytes, at)
    if (header === undefined) return undefined
    const size = header.start - at + header.length
    if (size > this.#maxBytes) throw tooLong(size, this.#maxBytes)
    return size
  }
}

const tooLong = (size: number, maxBytes: number): SyncError =>
  new SyncError(
    'CONNECTOR_ANSWER_INVALID',
    `The LDAP server announced a message of ${size} bytes, more than the ${maxBytes} of maxAnswerBytes; raise it if an entry of that size exists`,
  )
