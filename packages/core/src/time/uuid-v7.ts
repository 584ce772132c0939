import { randomBytes as systemRandomBytes } from 'node:crypto'
import { systemClock } from './system-clock.ts'

const poolBytes = 8192
const bytesPerId = 10
const maxCounter = 0xfff
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/**
 * Makes ids that sort by the time they were made: UUID version 7, RFC 9562 section 5.7, with the 12-bit counter of
 * section 6.2 (method 1), so ids of one maker only ever ascend, also within a millisecond and when the clock is
 * set back. Randomness is drawn in blocks: about a million ids a second.
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

  return () => {
    if (offset + bytesPerId > pool.length) {
      pool = randomBytes(poolBytes)
      offset = 0
    }
    const ms = now()
    // The top bit of a fresh counter is left clear, as room to count.
    const fresh = ((byte() & 0x07) << 8) | byte()
    if (ms > lastMs) {
      lastMs = ms
      counter = fresh
    } else if (++counter > maxCounter) {
      // More ids than the counter holds: borrow the next millisecond.
      lastMs++
      counter = fresh
    }
    const time = lastMs.toString(16).padStart(12, '0')
    const count = counter.toString(16).padStart(3, '0')
    const variant = `${hex[(byte() & 0x3f) | 0x80]}${hex[byte()]}`
    const node = `${hex[byte()]}${hex[byte()]}${hex[byte()]}${hex[byte()]}${hex[byte()]}${hex[byte()]}`
    return `${time.slice(0, 8)}-${time.slice(8)}-7${count}-${variant}-${node}`
  }
}
