import pLimit from 'p-limit'

/** Lets `work` run when it is the tenant's turn. */
export type FairSlots = <Answer>(tenantId: string, work: () => Promise<Answer>) => Promise<Answer>

type Begin = () => Promise<unknown>

/**
 * At most `size` pieces of work at once. Whose turn it is goes round the tenants that wait, so that one with a hundred
 * pieces delays another's only one by one piece; each tenant's own are done in order.
 */
export function fairSlots(size: number): FairSlots {
  const limit = pLimit(size)
  /** The tenant whose turn is next comes first. */
  const waiting = new Map<string, Begin[]>()

  const beginNext = (): Promise<unknown> | undefined => {
    const [next] = waiting
    if (!next) return undefined
    const [tenantId, line] = next
    const begin = line.shift()
    waiting.delete(tenantId)
    if (line.length > 0) waiting.set(tenantId, line)
    return begin?.()
  }
  return (tenantId, work) =>
    new Promise((resolve, reject) => {
      const line = waiting.get(tenantId) ?? []
      line.push(() => work().then(resolve, reject))
      waiting.set(tenantId, line)
      // One place in the line of slots for each piece; which piece gets it is decided when a slot is free.
      void limit(async () => beginNext())
    })
}
