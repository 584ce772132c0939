/** What a DN or another reference in the directory stands for. */
export interface Reference {
  readonly id: string
  readonly dn: string
  readonly isGroup: boolean
}

/** References a listing has met, by DN as it was spelled. What was missing is not remembered: it may come. */
export interface ReferenceMemory {
  get(dn: string): Reference | undefined
  set(dn: string, reference: Reference): void
}

/** Remembers at most so many, the oldest forgotten first: a few megabytes. @default 20_000 */
export function createReferenceMemory(atMost = 20_000): ReferenceMemory {
  const known = new Map<string, Reference>()
  return {
    get: (dn) => known.get(dn),
    set(dn, reference) {
      known.set(dn, reference)
      const [oldest] = known.keys()
      if (known.size > atMost && oldest !== undefined) known.delete(oldest)
    },
  }
}
