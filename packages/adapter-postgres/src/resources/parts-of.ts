/** At least one, which an empty page needs to be remembered. */
export function partsOf<Item>(records: readonly Item[], size: number): readonly (readonly Item[])[] {
  if (records.length <= size) return [records]
  const count = Math.ceil(records.length / size)
  return Array.from({ length: count }, (_, number) => records.slice(number * size, (number + 1) * size))
}
