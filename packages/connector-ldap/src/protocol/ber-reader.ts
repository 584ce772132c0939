import { SyncError } from '@syncline/core'

/** Tags of the Basic Encoding Rules (X.690) that LDAP responses use. */
export const berTags = {
  boolean: 0x01,
  integer: 0x02,
  octets: 0x04,
  enumerated: 0x0a,
  sequence: 0x30,
  set: 0x31,
}

/** One encoded element: its tag, and where its contents are. */
export interface BerHeader {
  readonly tag: number
  readonly start: number
  readonly length: number
}

/**
 * Reads the tag and length of the element at `at`. Returns undefined when the bytes end within them.
 * @throws CONNECTOR_ANSWER_INVALID for an indefinite length, one of more than four bytes, and a tag of several bytes
 */
export function readHeader(bytes: Buffer, at: number, end = bytes.length): BerHeader | undefined {
  const tag = at < end ? bytes[at] : undefined
  const first = at + 1 < end ? bytes[at + 1] : undefined
  if (tag !== undefined && (tag & 0x1f) === 0x1f) throw notLdap('a tag has several bytes')
  if (tag === undefined || first === undefined) return undefined
  if (first < 0x80) return { tag, start: at + 2, length: first }
  const size = first & 0x7f
  if (size === 0) throw notLdap('a length is indefinite')
  if (size > 4) throw notLdap(`a length has ${size} bytes`)
  if (at + 2 + size > end) return undefined
  return { tag, start: at + 2 + size, length: bytes.readUIntBE(at + 2, size) }
}

/**
 * Reads the elements of one container in order. Every read either consumes an element that ends within the container
 * or throws, so that a loop over a reader always ends.
 */
export class BerReader {
  readonly #bytes: Buffer
  readonly #end: number
  #at: number

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  /** Whether everything was read. */
  get done(): boolean {
    return this.#at >= this.#end
  }

  /** The tag of the next element; undefined at the end. */
  get tag(): number | undefined {
    return this.done ? undefined : this.#bytes[this.#at]
  }

  /** Reads an element that contains others. */
  container(tag: number): BerReader {
    const { start, length } = this.#next(tag)
    return new BerReader(this.#bytes, start, start + length)
  }

  /** Reads the bytes of an element. They are a view of the message. */
  octets(tag: number = berTags.octets): Buffer {
    const { start, length } = this.#next(tag)
    return this.#bytes.subarray(start, start + length)
  }

  /** Reads a signed whole number of at most four bytes. */
  integer(tag: number = berTags.integer): number {
    const { start, length } = this.#next(tag)
    if (length < 1 || length > 4) throw notLdap(`a number has ${length} bytes`)
    return this.#bytes.readIntBE(start, length)
  }

  /** Passes over the next element, whatever it is. */
  skip(): void {
    this.#next(this.tag)
  }

  /** Passes over the rest, which newer versions of the protocol may add (RFC 4511, section 4). */
  skipAll(): void {
    while (!this.done) this.skip()
  }

  /** Counts the elements that are left, up to `most`, without reading them. */
  count(most: number): number {
    const ahead = new BerReader(this.#bytes, this.#at, this.#end)
    let counted = 0
    for (; counted < most && !ahead.done; counted++) ahead.skip()
    return counted
  }

  #next(tag: number | undefined): BerHeader {
    const header = readHeader(this.#bytes, this.#at, this.#end)
    if (header === undefined) throw notLdap('an element is missing')
    if (header.tag !== tag) throw notLdap(`an element has the tag ${header.tag} where ${tag} is due`)
    if (header.length > this.#end - header.start) throw notLdap('an element is longer than what contains it')
    this.#at = header.start + header.length
    return header
  }
}

/** The error of bytes that are not an LDAP message. */
export const notLdap = (reason: string): SyncError =>
  new SyncError('CONNECTOR_ANSWER_INVALID', `What the server sent is not LDAP version 3: ${reason}`)
