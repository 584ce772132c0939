import type { ResourceRef } from '../model/scope.ts'
import { type Cache, type CacheTarget, cacheTicketMs } from '../ports/cache.ts'
import type { Clock } from '../ports/clock.ts'
import { systemClock } from '../time/system-clock.ts'
import { monotonicClock } from './monotonic-clock.ts'

export interface MemoryCacheOptions {
  /** @default the system's */
  readonly clock?: Clock | undefined
  /** Past so many resources the one that was not looked at for longest is forgotten. @default 10_000 */
  readonly maxEntries?: number | undefined
}

/** A value, or a ticket that waits for one; as good as gone when its generation is not the present one. */
interface Slot {
  readonly generation: string
  readonly until: number
  readonly ticket?: string
  readonly value?: string
}

/** A cache of one process: nobody else learns of its invalidations. The executable specification of the port. */
export function memoryCache(options: MemoryCacheOptions = {}): Cache {
  const clock = monotonicClock(options.clock ?? systemClock)
  const maxEntries = options.maxEntries ?? 10_000
  /** In the order of their last use. */
  const slots = new Map<string, Slot>()
  const invalidations = new Map<string, number>()
  let tickets = 0

  const generationOf = ({ connectorId, resourceType }: CacheTarget): string =>
    [keyOf({ connectorId }), keyOf({ connectorId, resourceType })]
      .map((key) => invalidations.get(key) ?? 0)
      .join('.')
  const read = (ref: ResourceRef): Slot | undefined => {
    const slot = slots.get(keyOf(ref))
    return slot && slot.until > clock.now() && slot.generation === generationOf(ref) ? slot : undefined
  }
  const write = (ref: ResourceRef, slot: Slot): void => {
    const key = keyOf(ref)
    slots.delete(key)
    slots.set(key, slot)
    const [oldest] = slots.keys()
    if (slots.size > maxEntries && oldest !== undefined) slots.delete(oldest)
  }
  return {
    async lookUp(ref) {
      const found = read(ref)
      if (found) write(ref, found)
      if (found?.value !== undefined) return { kind: 'hit', value: found.value }
      if (found?.ticket !== undefined) return { kind: 'miss', ticket: found.ticket }
      const ticket = `${++tickets}`
      write(ref, { generation: generationOf(ref), until: clock.now() + cacheTicketMs, ticket })
      return { kind: 'miss', ticket }
    },
    async store({ ref, ticket, value, ttlMs }) {
      if (read(ref)?.ticket !== ticket) return false
      write(ref, { generation: generationOf(ref), until: clock.now() + ttlMs, value })
      return true
    },
    async invalidate(target) {
      const key = keyOf(target)
      if (target.externalId !== undefined) slots.delete(key)
      else invalidations.set(key, (invalidations.get(key) ?? 0) + 1)
    },
    async close() {},
  }
}

const keyOf = ({ connectorId, resourceType, externalId }: CacheTarget): string =>
  JSON.stringify([connectorId, resourceType, externalId])
