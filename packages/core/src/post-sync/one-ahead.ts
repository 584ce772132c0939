/**
 * The same items in the same order; each is made while the one before it is worked on. What could not be made throws
 * in its turn. Whoever ends early waits for the one that is being made: nothing goes on behind its back.
 */
export async function* oneAhead<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item, void, undefined> {
  const iterator = items[Symbol.asyncIterator]()
  let next = iterator.next()
  try {
    for (;;) {
      const { done = false, value } = await next
      if (done) return
      next = iterator.next()
      // Thrown in its turn, not before.
      next.catch(() => {})
      yield value
    }
  } finally {
    await iterator.return?.()
  }
}
