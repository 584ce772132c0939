import { setImmediate as nextTurn } from 'node:timers/promises'

const itemsPerTurn = 100

/** Maps the items of a page, with a turn of the event loop after each hundred: a page may hold very many. */
export async function mapInTurns<Item, Mapped>(
  items: readonly Item[],
  map: (item: Item) => Mapped,
): Promise<readonly Mapped[]> {
  const mapped: Mapped[] = []
  for (const item of items) {
    if (mapped.length > 0 && mapped.length % itemsPerTurn === 0) await nextTurn()
    mapped.push(map(item))
  }
  return mapped
}
