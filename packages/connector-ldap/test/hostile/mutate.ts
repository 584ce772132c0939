/** Random whole numbers below a bound, the same for the same seed (mulberry32). */
export type Random = (below: number) => number

export function seededRandom(seed: number): Random {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below)
  }
}

type Mutation = (bytes: Buffer, random: Random) => Buffer

/** Puts bytes at a position, in place of so many others. */
const insert = (bytes: Buffer, [at, removed]: readonly [number, number], added: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)])

/** Positions of the length bytes of a well-formed message, found by walking into every container and octet string. */
function lengthPositions(bytes: Buffer): readonly number[] {
  const found: number[] = []
  const walk = (start: number, end: number): boolean => {
    for (let at = start; at < end; ) {
      const first = bytes[at + 1] ?? 0
      const extra = first < 0x80 ? 0 : first & 0x7f
      if (at + 2 + extra > end || extra > 4) return false
      const length = extra === 0 ? first : bytes.readUIntBE(at + 2, extra)
      const next = at + 2 + extra + length
      if (next > end) return false
      found.push(at + 1)
      if (((bytes[at] ?? 0) & 0x20) !== 0) walk(at + 2 + extra, next)
      at = next
    }
    return true
  }
  walk(0, bytes.length)
  return found
}

const lengths = [
  '00',
  '01',
  '7f',
  '80',
  '81ff',
  '82ffff',
  '83ffffff',
  '847fffffff',
  '84ffffffff',
  '88ffffffffffffffff',
]
const tags = [
  0x01, 0x02, 0x04, 0x05, 0x0a, 0x1f, 0x30, 0x31, 0x3f, 0x61, 0x64, 0x65, 0x73, 0x78, 0x79, 0xa0, 0xa3, 0xff,
]

const atLength =
  (change: (first: number, random: Random) => Buffer): Mutation =>
  (bytes, random) => {
    const positions = lengthPositions(bytes)
    const at = positions[random(positions.length)] ?? 1
    return insert(bytes, [at, 1], change(bytes[at] ?? 0, random))
  }

const mutations: readonly Mutation[] = [
  atLength((first, random) => Buffer.from([(first + 1 + random(8)) & 0xff])),
  atLength((first, random) => Buffer.from([Math.max(0, first - 1 - random(8))])),
  atLength((_, random) => Buffer.from([random(256)])),
  atLength((_, random) => Buffer.from(lengths[random(lengths.length)] ?? '80', 'hex')),
  (bytes, random) => {
    const positions = lengthPositions(bytes)
    const at = (positions[random(positions.length)] ?? 1) - 1
    return insert(bytes, [at, 1], Buffer.from([tags[random(tags.length)] ?? 0]))
  },
  (bytes, random) => insert(bytes, [random(bytes.length), 1], Buffer.from([random(256)])),
  (bytes, random) => bytes.subarray(0, random(bytes.length)),
  (bytes, random) => insert(bytes, [random(bytes.length), 0], Buffer.alloc(1 + random(4), random(256))),
  (bytes, random) => {
    const from = random(bytes.length)
    return insert(bytes, [random(bytes.length), 0], bytes.subarray(from, from + 1 + random(12)))
  },
  (bytes, random) => insert(bytes, [random(bytes.length), 1 + random(8)], Buffer.alloc(0)),
]

/** Changes bytes in one to three places: lengths and tags first of all. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  let mutated = bytes
  for (let left = 1 + random(3); left > 0 && mutated.length > 0; left--) {
    mutated = mutations[random(mutations.length)]?.(mutated, random) ?? mutated
  }
  return mutated
}

/** Cuts bytes into pieces of odd sizes, or leaves them whole. */
export function pieces(bytes: Buffer, random: Random): readonly Buffer[] {
  if (random(3) === 0) return [bytes]
  const cut: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + random(random(2) === 0 ? 3 : 40)
    cut.push(bytes.subarray(at, at + size))
    at += size
  }
  return cut
}
