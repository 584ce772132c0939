import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import express from 'express'
import SCIMMY from 'scimmy'
import { SCIMMYRouters } from 'scimmy-routers'

/** A resource as the map of the server holds it. */
export type Stored = Readonly<Record<string, unknown>> & {
  readonly id: string
  readonly meta: { readonly created: string; readonly lastModified: string }
}

/** What a server begins with. */
interface Seed {
  readonly token: string
  readonly now: () => Date
  readonly users: readonly Stored[]
  readonly groups: readonly Stored[]
}

export interface ScimmyServer {
  readonly baseUrl: string
  /** Requests so far, as `METHOD path?query`. */
  readonly requests: readonly string[]
  close(): Promise<void>
}

/**
 * A SCIM service provider that others wrote: scimmy with its routers. What is ours is the map the resources are kept
 * in, because scimmy leaves that to its users. One a process: scimmy keeps its settings globally.
 */
export async function startScimmy({ token, now, users, groups }: Seed): Promise<ScimmyServer> {
  SCIMMY.Config.set({ patch: true, filter: { supported: true, maxResults: 1_000 }, sort: true })
  const { User, Group } = SCIMMY.Resources
  SCIMMY.Resources.declare(User.extend(SCIMMY.Schemas.EnterpriseUser, false), keptIn(users, now))
  SCIMMY.Resources.declare(Group, keptIn(groups, now))
  const requests: string[] = []
  const app = express()
  app.use((request, _, next) => {
    requests.push(`${request.method} ${request.originalUrl}`)
    next()
  })
  const routers = new SCIMMYRouters({
    type: 'bearer',
    docUri: 'https://scim.example/help',
    handler: (request: express.Request) => {
      if (request.header('authorization') !== `Bearer ${token}`) throw new Error('who are you?')
      return 'syncline'
    },
  })
  app.use('/scim', routers as unknown as express.Router)
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/scim`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Handled {
  readonly id?: string | undefined
  readonly filter?: { match(values: readonly unknown[]): unknown[] } | undefined
}

/** Handlers for one resource type. */
function keptIn(seed: readonly Stored[], now: () => Date): never {
  const held = new Map(seed.map((one) => [one.id, one]))
  const find = (id: string): Stored => {
    const found = held.get(id)
    if (found) return found
    throw new SCIMMY.Types.Error(404, '', `Resource ${id} not found`)
  }
  const handlers = {
    egress: (resource: Handled) => {
      if (resource.id !== undefined) return find(resource.id)
      const all = [...held.values()]
      return resource.filter ? resource.filter.match(all) : all
    },
    ingress: (resource: Handled, instance: object) => {
      const lastModified = now().toISOString()
      const before = resource.id === undefined ? undefined : find(resource.id)
      const id = before?.id ?? randomUUID()
      const plain = JSON.parse(JSON.stringify(instance)) as object
      const stored = { ...plain, id, meta: { created: before?.meta.created ?? lastModified, lastModified } }
      held.set(id, stored)
      return stored
    },
    degress: (resource: Handled) => void held.delete(find(String(resource.id)).id),
  }
  // The types of scimmy ask for instances of its classes where its own guide gives plain objects.
  return handlers as never
}
