import { redisCache } from '@syncline/adapter-redis'
import { createResourceCache, type ResourceRef, systemClock } from '@syncline/core'
import { Redis } from 'ioredis'
import { z } from 'zod'
import type { OpenWork } from '../processes/work.ts'

const inputSchema = z.object({
  url: z.string(),
  records: z.number(),
  warmUpRecords: z.number(),
  callers: z.number(),
  way: z.enum(['ours', 'get']),
})

const distinct = 100
const nothing = (): void => undefined
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }

type Person = ReturnType<typeof person>
interface Cached {
  readonly ref: ResourceRef
  readonly key: string
}

/** A person of about 400 bytes. */
const person = (externalId: string) => ({
  externalId,
  displayName: `Person ${externalId}`,
  email: `person.${externalId}@acme.example`,
  attributes: { department: 'Engineering', title: 'Engineer', notes: 'x'.repeat(250) },
})

/** Reads cached people again and again, by the library or by the driver; both parse what they read. */
export const open: OpenWork = async (input) => {
  const { url, records, warmUpRecords, callers, way } = inputSchema.parse(input)
  const client = new Redis(url)
  const cache = createResourceCache<Person>({
    cache: redisCache({ client }),
    clock: systemClock,
    random: Math.random,
    logger,
    ttlMs: 86_400_000,
    // A busy machine must not turn a hit into a fetch.
    timeoutMs: 10_000,
  })
  const refs = Array.from({ length: distinct }, (_, n) => ({
    connectorId: 'acme',
    resourceType: 'user',
    externalId: `user-${n}`,
  }))
  const people = refs.map((ref) => ({ ref, key: `plain:acme:user:${ref.externalId}` }))
  const missing = async (): Promise<never> => {
    throw new Error('A cached resource was not found')
  }
  const readers = {
    ours: ({ ref }: Cached): Promise<Person | null> => cache.getOrFetch(ref, missing),
    get: async ({ key }: Cached): Promise<Person | null> => JSON.parse((await client.get(key)) ?? 'null'),
  }
  let found = 0
  const read = async (count: number): Promise<void> => {
    let next = 0
    const call = async (): Promise<void> => {
      while (next < count) {
        const cached = people[next++ % distinct]
        if (!cached) return
        const one = await readers[way](cached)
        if (one?.externalId === cached.ref.externalId) found += 1
      }
    }
    await Promise.all(Array.from({ length: callers }, call))
  }
  return {
    async warmUp() {
      for (const { ref, key } of people) {
        await cache.getOrFetch(ref, async () => person(ref.externalId))
        await client.set(key, JSON.stringify(person(ref.externalId)))
      }
      await read(warmUpRecords)
      found = 0
    },
    run: () => read(records),
    facts: async () => ({ found }),
    async close() {
      client.disconnect()
    },
  }
}
