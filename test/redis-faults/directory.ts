import { defineConnector, type Scope, type UpstreamRecord } from '@syncline/core'
import { z } from 'zod'

const perPage = 4

/** What a process asks upstream for. */
export interface Directory {
  readonly connector: ReturnType<typeof defineConnector>
  /** Upstream has changed. */
  become(people: readonly UpstreamRecord[]): void
  /** The most listings of one scope that went on at once. */
  readonly mostAtOnce: number
  /** Called before a page is answered, with its number. */
  beforePage: (resourceType: string, page: number) => Promise<void>
}

/** A directory of people and groups, listed a few at a time under a shared rate limit, and looked up one by one. */
export function createDirectory(): Directory {
  let people: readonly UpstreamRecord[] = []
  const listing = new Map<string, number>()
  const directory: { -readonly [Key in keyof Directory]: Directory[Key] } = {
    connector: defineConnector({
      type: 'directory',
      displayName: 'Directory',
      configSchema: z.object({}),
      resourceTypes: Object.fromEntries(
        ['user', 'group'].map((resourceType) => [
          resourceType,
          {
            async list({ cursor = '1', signal }, { connectorId, rateLimiter }) {
              const page = Number(cursor)
              const goingOn = listing.get(resourceType) ?? 0
              listing.set(resourceType, goingOn + 1)
              directory.mostAtOnce = Math.max(directory.mostAtOnce, goingOn + 1)
              try {
                await directory.beforePage(resourceType, page)
                const limits = { windows: [{ limit: 1_000, perMs: 1_000 }], concurrency: 2 }
                const permit = await rateLimiter.acquire({ key: connectorId, limits, signal })
                await permit.release()
              } finally {
                listing.set(resourceType, (listing.get(resourceType) ?? 1) - 1)
              }
              const resources = people.slice((page - 1) * perPage, page * perPage)
              const nextCursor = page * perPage < people.length ? String(page + 1) : undefined
              return { success: true, payload: { resources, nextCursor } }
            },
            get: async ({ externalId }) => ({
              success: true,
              payload: people.find((person) => person.externalId === externalId) ?? null,
            }),
          },
        ]),
      ),
    }),
    become(next) {
      people = next
    },
    mostAtOnce: 0,
    beforePage: async () => undefined,
  }
  return directory
}

const person = (id: number, title: string): UpstreamRecord => ({
  externalId: `u${id}`,
  displayName: `Person ${id}`,
  email: `person.${id}@acme.example`,
  attributes: { title },
})

/** Twenty people on five pages. */
export const before: readonly UpstreamRecord[] = Array.from({ length: 20 }, (_, id) => person(id, 'Engineer'))

/** Two left, two came, every third was promoted. */
export const after: readonly UpstreamRecord[] = Array.from({ length: 20 }, (_, place) => {
  const id = place + 2
  return person(id, id % 3 === 0 ? 'Lead' : 'Engineer')
})

export const users: Scope = { connectorId: 'acme', resourceType: 'user' }
export const groups: Scope = { connectorId: 'acme', resourceType: 'group' }
