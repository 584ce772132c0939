import type { ResourceRef } from '../model/scope.ts'
import type { CacheTarget } from '../ports/cache.ts'

/** Fetches under way: whoever wants the same value meanwhile shares one. */
export interface Flights<Value> {
  /** Joins the fetch of that resource under that ticket, or begins it. */
  join(ref: ResourceRef, ticket: string | undefined, begin: () => Flight<Value>): Promise<Value>
  /** Lets no more callers join what is under way for the target. */
  close(target: CacheTarget): void
  /** Resolves when everything under way has landed. */
  settled(): Promise<void>
}

export interface Flight<Value> {
  readonly value: Promise<Value>
  /** Until then it can be joined: nobody fetches again while the value is being stored. Never rejects. */
  readonly landed: Promise<void>
}

export function createFlights<Value>(): Flights<Value> {
  const flights = new Map<string, Flight<Value> & { readonly ref: ResourceRef }>()
  const landing = new Set<Promise<void>>()
  const land = async (key: string, flight: Flight<Value>): Promise<void> => {
    await flight.landed
    if (flights.get(key) === flight) flights.delete(key)
  }
  return {
    join(ref, ticket, begin) {
      const key = JSON.stringify([ref.connectorId, ref.resourceType, ref.externalId, ticket])
      const joined = flights.get(key)
      if (joined) return joined.value
      const flight = { ...begin(), ref }
      flights.set(key, flight)
      const landed = land(key, flight).finally(() => landing.delete(landed))
      landing.add(landed)
      return flight.value
    },
    close(target) {
      for (const [key, { ref }] of flights) if (covers(target, ref)) flights.delete(key)
    },
    async settled() {
      await Promise.all(landing)
    },
  }
}

const covers = ({ connectorId, resourceType, externalId }: CacheTarget, ref: ResourceRef): boolean =>
  connectorId === ref.connectorId &&
  (resourceType === undefined || resourceType === ref.resourceType) &&
  (externalId === undefined || externalId === ref.externalId)
