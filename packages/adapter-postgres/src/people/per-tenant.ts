import type { Owner } from '@syncline/core'

/** Works on the items of each tenant, always in the same order of tenants. @returns one result per item, in its place */
export async function perTenant<Item extends Owner, Result>(
  items: readonly Item[],
  work: (tenantId: string, items: readonly Item[]) => Promise<readonly Result[]>,
): Promise<readonly Result[]> {
  const places = [...Map.groupBy(items.keys(), (place) => items[place]?.tenantId ?? '')]
  const results: (readonly [number, Result])[] = []
  for (const [tenantId, own] of places.toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    const outcomes = await work(
      tenantId,
      own.flatMap((place) => items[place] ?? []),
    )
    results.push(...outcomes.map((result, index) => [own[index] ?? 0, result] as const))
  }
  return results.toSorted(([one], [other]) => one - other).map(([, result]) => result)
}
