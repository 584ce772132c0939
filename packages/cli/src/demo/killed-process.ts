import { fork } from 'node:child_process'
import { openEmbeddedStore } from '@syncline/adapter-postgres'
import { createSyncline } from '@syncline/core'
import { directoryConnector } from '@syncline/testing/upstream'

export interface Victim {
  /** Records a page: the listing must have many pages, however small the company is. */
  readonly pageSize: number
  readonly folder: string
  readonly url: string
  readonly token: string
}

export const users = { connectorId: 'company', resourceType: 'user' }

/** How long the killed process keeps others out; short, so that the demo does not wait. */
const leaseMs = 1_000

/** Runs in a process of its own: syncs and tells the parent about every page, which kills it. */
export async function syncUntilKilled({ folder, url, token, pageSize }: Victim): Promise<void> {
  const store = await openEmbeddedStore({ dataDir: folder })
  const syncline = createSyncline({
    store,
    connectorTypes: [directoryConnector],
    limits: { leaseMs, lookAhead: 0 },
    onEvent: (event) => {
      if (event.kind === 'run.progress') process.send?.(event.pages)
    },
  })
  await syncline.connectors.save({
    connectorId: users.connectorId,
    type: directoryConnector.type,
    config: { baseUrl: url, token },
  })
  await syncline.configs.save({ ...users, pageSize })
  await syncline.sync(users)
}

/** Starts a sync in another process and kills it with SIGKILL once it stored that many pages. */
export function killAfterPages(victim: Victim, pages: number): Promise<NodeJS.Signals | null> {
  const [, script = ''] = process.argv
  const { folder, url, token, pageSize } = victim
  const args = ['demo-victim', folder, url, token, String(pageSize)]
  const child = fork(script, args, { stdio: ['ignore', 2, 2, 'ipc'] })
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals | null>()
  child.on('message', (stored) => {
    if (Number(stored) >= pages) child.kill('SIGKILL')
  })
  child.on('exit', (_, signal) => resolve(signal))
  return promise
}
