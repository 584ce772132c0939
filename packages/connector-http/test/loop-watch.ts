import { monitorEventLoopDelay } from 'node:perf_hooks'

const megabyte = 1024 * 1024

/** Watches how long the event loop stands still and how much memory is taken, until it is asked. */
export function watchLoop(): () => { readonly longestMs: number; readonly grownMb: number } {
  const before = process.memoryUsage().rss
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  return () => {
    delay.disable()
    const grownMb = Math.round((process.memoryUsage().rss - before) / megabyte)
    return { longestMs: Math.round(delay.max / 1e6), grownMb }
  }
}

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const oneOf = <Item>(random: () => number, items: readonly Item[]): Item => {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new Error('an empty list')
  return item
}
