/** Reproducible randomness: the same seed gives the same sequence on every platform. Not for secrets. */
export interface SeededRandom {
  /** From 0 up to, not including, 1. */
  next(): number
  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number
  /** True in `share` of all cases: 0.02 is 2 %. */
  chance(share: number): boolean
  /** @throws RangeError on an empty list */
  pick<Item>(list: readonly Item[]): Item
  /** A new list in another order. */
  shuffle<Item>(list: readonly Item[]): Item[]
}

/** Mulberry32: 32 bits of state, enough to make test data. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    next,
    below,
    chance: (share) => next() < share,
    pick(list) {
      const item = list[below(list.length)]
      if (item === undefined) throw new RangeError('There is nothing to pick from')
      return item
    },
    shuffle(list) {
      return list
        .map((item) => ({ item, rank: next() }))
        .toSorted((a, b) => a.rank - b.rank)
        .map(({ item }) => item)
    },
  }
}
