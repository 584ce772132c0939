import { randomBytes as systemRandomBytes } from 'node:crypto'
import { systemClock } from './system-clock.ts'

const poolBytes = 8192
const bytesPerId = 10
const maxCounter = 0xfff
const digits = Buffer.from('0123456789abcdef', 'latin1')

/**
 * Makes ids that sort by the time they were made: UUID version 7, RFC 9562 section 5.7, with the 12-bit counter of
 * section 6.2 (method 1), so ids of one maker only ever ascend, also within a millisecond and when the clock is
 * set back. Randomness is drawn in blocks: millions of ids a second.
 * @param options `now` in milliseconds since 1970, @default the system's; `randomBytes`, @default node:crypto's
 */
export function createUuidV7(
  options: { now?: () => number; randomBytes?: (count: number) => Uint8Array } = {},
): () => string {
  const { now = () => systemClock.now().getTime(), randomBytes = systemRandomBytes } = options
  let pool: Uint8Array = new Uint8Array(0)
  let offset = 0
  let lastMs = -1
  let counter = 0
  const byte = (): number => pool[offset++] ?? 0
  const text = Buffer.from('00000000-0000-7000-0000-000000000000', 'latin1')
  const write = (value: number, from: number, to: number): void => {
    for (let place = to, rest = value; place >= from; place--, rest = rest >>> 4) {
      text[place] = digits[rest & 15] ?? 0
    }
  }

  return () => {
    if (offset + bytesPerId > pool.length) {
      pool = randomBytes(poolBytes)
      offset = 0
    }
    const ms = now()
    // The top bit of a fresh counter is left clear, as room to count.
    const fresh = ((byte() & 0x07) << 8) | byte()
    const before = lastMs
    if (ms > lastMs) {
      lastMs = ms
      counter = fresh
    } else if (++counter > maxCounter) {
      // More ids than the counter holds: borrow the next millisecond.
      lastMs++
      counter = fresh
    }
    if (lastMs !== before) {
      write(Math.floor(lastMs / 0x10000), 0, 7)
      write(lastMs % 0x10000, 9, 12)
    }
    write(counter, 15, 17)
    write((((byte() & 0x3f) | 0x80) << 8) | byte(), 19, 22)
    write((byte() << 16) | (byte() << 8) | byte(), 24, 29)
    write((byte() << 16) | (byte() << 8) | byte(), 30, 35)
    return text.toString('latin1')
  }
}
