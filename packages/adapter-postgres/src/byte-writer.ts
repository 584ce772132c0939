import { SyncError } from '@syncline/core'

/** In code units. */
const longestByHand = 80

const dash = '-'.charCodeAt(0)

/** Value of each hex digit, by its character code; -1 elsewhere. */
const digits = new Int8Array(128).fill(-1)
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16)
  digits[digit.charCodeAt(0)] = value
  digits[digit.toUpperCase().charCodeAt(0)] = value
}

const notUuid = (): SyncError =>
  new SyncError('OPTIONS_INVALID', 'Resource ids must be UUIDs; check the option ids')

/** Writes PostgreSQL's binary formats: big-endian numbers, values behind their length. Grows as needed. */
export class ByteWriter {
  #bytes: Buffer
  #length = 0

  /** @param bytes how many to begin with, or where to write */
  constructor(bytes: number | Buffer) {
    this.#bytes = typeof bytes === 'number' ? Buffer.allocUnsafe(bytes) : bytes
  }

  /** In bytes, so far. */
  get length(): number {
    return this.#length
  }

  int16(value: number): void {
    this.#reserve(2)
    this.#length = this.#bytes.writeInt16BE(value, this.#length)
  }

  int32(value: number): void {
    this.#reserve(4)
    this.#length = this.#bytes.writeInt32BE(value, this.#length)
  }

  /** A field of type int4. */
  int4(value: number): void {
    this.int32(4)
    this.int32(value)
  }

  /** A field of type text, or NULL. */
  text(value: string | null): void {
    if (value === null) this.int32(-1)
    else this.#field(value, 0)
  }

  /** A field of type jsonb: its version, then the text. */
  jsonb(text: string): void {
    this.#field(text, 1)
  }

  /** A field of type uuid, from its usual text. @throws OPTIONS_INVALID */
  uuid(id: string): void {
    this.int32(16)
    this.#reserve(16)
    let bytes = 0
    let place = 0
    for (; place + 1 < id.length; place += 2) {
      if (id.charCodeAt(place) === dash) place++
      const value = ((digits[id.charCodeAt(place)] ?? -1) << 4) | (digits[id.charCodeAt(place + 1)] ?? -1)
      if (value < 0 || bytes === 16) throw notUuid()
      this.#bytes[this.#length + bytes++] = value
    }
    if (bytes !== 16 || place !== id.length) throw notUuid()
    this.#length += 16
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** What was written. The writer must not be used any further. */
  end(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  #field(value: string, version: number): void {
    // A UTF-16 code unit takes three bytes at most.
    this.#reserve(5 + value.length * 3)
    const start = this.#length
    this.#length += 4
    if (version > 0) this.#bytes[this.#length++] = version
    this.#length +=
      value.length <= longestByHand ? this.#writeShort(value) : this.#bytes.write(value, this.#length)
    this.#bytes.writeInt32BE(this.#length - start - 4, start)
  }

  /** ASCII is written faster here than a call into the runtime takes; anything else is left to it. */
  #writeShort(value: string): number {
    const bytes = this.#bytes
    const start = this.#length
    for (let place = 0; place < value.length; place++) {
      const code = value.charCodeAt(place)
      if (code > 127) return bytes.write(value, start)
      bytes[start + place] = code
    }
    return value.length
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + size))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }
}
