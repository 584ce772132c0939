const maxDistance = 2

/** The known name that differs least, if it differs by little. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const lower = name.slice(0, 60).toLowerCase()
  const [best] = known
    .map((one) => ({ one, far: distance(lower, one.toLowerCase()) }))
    .filter(({ far }) => far <= maxDistance)
    .toSorted((left, right) => left.far - right.far)
  return best?.one
}

/** Levenshtein's. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, place) => place)
  for (let i = 0; i < left.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < right.length; j++) {
      const change = (row[j] ?? 0) + (left[i] === right[j] ? 0 : 1)
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[right.length] ?? 0
}
