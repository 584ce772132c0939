import pLimit, { type LimitFunction } from 'p-limit'

/** Lets so much work under one key go on at once, in the order it came. */
export type Turns = <Answer>(key: string, work: () => Promise<Answer>) => Promise<Answer>

/** @param atOnce how many go on together under one key */
export function createTurns(atOnce: number): Turns {
  const kept = new Map<string, { readonly limit: LimitFunction; users: number }>()
  return async (key, work) => {
    const turns = kept.get(key) ?? { limit: pLimit(atOnce), users: 0 }
    kept.set(key, turns)
    turns.users += 1
    try {
      return await turns.limit(work)
    } finally {
      turns.users -= 1
      if (turns.users === 0) kept.delete(key)
    }
  }
}
