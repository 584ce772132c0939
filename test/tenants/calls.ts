import { expect } from 'vitest'
import {
  answerOf,
  idOf,
  requestOf,
  scopeOf,
  type TenantIds,
  type TwoTenants,
  webhookOf,
} from './two-tenants.ts'

type Call = () => Promise<unknown>

/** Must be refused; which code and message depend on the method. */
const refused = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.then(
    () => expect.fail('was not refused'),
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({ name: 'SyncError' })
  return JSON.stringify([String(error), error])
}

/** Refused as what the tenant does not have. */
const notFound = async (work: Promise<unknown>): Promise<void> => {
  await expect(work).rejects.toMatchObject({ name: 'SyncError', code: expect.stringContaining('_NOT_FOUND') })
}

const all = async (items: AsyncIterable<unknown>): Promise<readonly unknown[]> => {
  const found: unknown[] = []
  for await (const item of items) found.push(item)
  return found
}

const noIds: TenantIds = { runId: '', queuedRunId: '', matchId: '', jobId: '', actionId: '', secret: '' }

/**
 * What `own` does with each method of the handle, by its path and in this order: its own work, and a call with ids of
 * `other` where the method takes an owner. Calls that end something for good are last.
 */
export function callsOf(stage: TwoTenants, own: string, other: string): Readonly<Record<string, Call>> {
  const { syncline, ids } = stage
  const context: CallContext = {
    syncline,
    own,
    owner: { tenantId: own },
    scope: scopeOf(own),
    theirs: { connectorId: idOf(other), tenantId: own },
    mine: ids.get(own) ?? noIds,
    foreign: ids.get(other) ?? noIds,
    other,
  }
  return {
    start: () => syncline.start({ work: false }),
    'postSync.undo': undoing(context),
    ...syncCalls(context),
    ...settingCalls(context),
    ...runCalls(context),
    ...resourceCalls(context),
    ...webhookCalls(context),
    ...postSyncCalls(context),
    ...matchCalls(context),
    ...lastCalls(context),
  }
}

interface CallContext extends Pick<TwoTenants, 'syncline'> {
  readonly own: string
  readonly other: string
  readonly owner: { readonly tenantId: string }
  readonly scope: { readonly connectorId: string; readonly resourceType: string }
  /** The connector of the other tenant, under the name of the own one. */
  readonly theirs: { readonly connectorId: string; readonly tenantId: string }
  readonly mine: TenantIds
  readonly foreign: TenantIds
}

type Calls = (context: CallContext) => Readonly<Record<string, Call>>

/** First: the other tenant has deactivated the user of the same id since. */
const undoing =
  ({ syncline: { postSync }, owner, mine, foreign }: CallContext): Call =>
  async () => {
    await notFound(postSync.undo({ ...owner, actionId: foreign.actionId, by: 'operator' }))
    const { kind, status } = await postSync.undo({ ...owner, actionId: mine.actionId, by: 'operator' })
    expect([kind, status]).toEqual(['reactivate', 'done'])
  }

const syncCalls: Calls = ({ syncline, owner, scope, theirs }) => ({
  sync: () => syncline.sync(scope),
  'postSync.plan': () => syncline.postSync.plan(scope),
  'postSync.apply': async () => {
    const { status, stats } = await syncline.postSync.apply(await syncline.postSync.plan(scope))
    expect(status).toBe('success')
    expect(stats).toMatchObject({ created: 1, deactivated: 1 })
  },
  syncAll: async () => {
    await notFound(syncline.syncAll({ ...owner, connectorIds: [theirs.connectorId] }))
    return syncline.syncAll(owner)
  },
  trigger: () => syncline.trigger(scope),
  status: () => syncline.status(scope),
})

const settingCalls: Calls = ({ syncline: { connectors, credentials, configs }, owner, scope, theirs }) => ({
  'connectors.save': async () => {
    const message = await refused(connectors.save({ ...theirs, type: 'scripted', name: 'Taken' }))
    expect(message).toContain('CONNECTOR_TENANT_MISMATCH')
    await connectors.save({ connectorId: scope.connectorId, ...owner, type: 'scripted', name: 'Renamed' })
  },
  'connectors.get': () => connectors.get(theirs.connectorId, owner),
  'connectors.list': () => connectors.list(owner),
  'connectors.check': async () => {
    await notFound(connectors.check(theirs.connectorId, owner))
    await connectors.check(scope.connectorId, owner)
  },
  'credentials.save': () => credentials.save({ ...owner, ref: 'hr', values: { token: 'other' } }),
  'credentials.list': () => credentials.list(owner),
  'credentials.remove': () => credentials.remove({ ...owner, ref: 'hr' }),
  'configs.save': () => configs.save({ ...scope, pageSize: 7 }),
  'configs.get': () => configs.get(scope),
  'configs.list': () => Promise.all([configs.list(owner), configs.list(theirs)]),
})

const runCalls: Calls = ({ syncline: { runs, jobs }, owner, mine, foreign }) => ({
  'runs.get': () => runs.get(foreign.runId, owner),
  'runs.list': () => runs.list(owner),
  'runs.paged': () => runs.paged(owner),
  'runs.wait': () => notFound(runs.wait(foreign.runId, owner)),
  'runs.watch': () => notFound(all(runs.watch(foreign.runId, owner))),
  'runs.cancel': async () => {
    expect(await runs.cancel(foreign.queuedRunId, owner)).toBe(false)
    expect(await runs.cancel(mine.queuedRunId, owner)).toBe(true)
  },
  'runs.approve': () => notFound(runs.approve({ ...owner, runId: foreign.runId, approvedBy: 'operator' })),
  'runs.queueApproval': () =>
    notFound(runs.queueApproval({ ...owner, runId: foreign.runId, approvedBy: 'operator' })),
  'jobs.counts': async () => {
    expect(await jobs.counts(owner)).toMatchObject({ dead: 1 })
  },
  'jobs.deadLetters': () => jobs.deadLetters(owner),
  'jobs.redrive': async () => {
    expect(await jobs.redrive(foreign.jobId, owner)).toBe(false)
    expect(await jobs.redrive(mine.jobId, owner)).toBe(true)
  },
})

/** The resource whose user was deactivated. */
const back = { externalId: '1', displayName: 'Back', email: 'ceo@shared.example', attributes: {} }

const resourceCalls: Calls = ({ syncline, scope, theirs, owner, own }) => {
  const { resources, quarantine, changes, cache, requests } = syncline
  const { connectorId } = scope
  return {
    'resources.get': () => resources.get({ ...scope, externalId: '3' }),
    'resources.list': () => Promise.all([resources.list({ connectorId }), resources.list(theirs)]),
    'resources.slice': () => resources.slice({ ...theirs, limit: 10 }),
    'resources.lookUp': () => resources.lookUp({ ...scope, externalId: '1' }),
    'resources.all': async () => [
      await all(resources.all({ connectorId })),
      await all(resources.all(theirs)),
    ],
    'resources.upsert': () => resources.upsert(scope, back),
    'resources.remove': () => resources.remove({ ...scope, externalId: '5' }),
    'cache.clear': () => cache.clear({ connectorId }),
    'changes.read': () => changes.read(scope),
    'quarantine.list': () =>
      Promise.all([quarantine.list({ ...owner, connectorId }), quarantine.list(theirs)]),
    'quarantine.slice': () => quarantine.slice({ ...theirs, limit: 10 }),
    'requests.effectId': () => requests.effectId(requestOf(own)),
    'requests.once': async () => {
      expect(await answerOf(syncline, own)).toBe(`Answer of ${own}`)
      const failing = { ...requestOf(own), key: 'key-3' }
      await expect(requests.once(failing, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
      expect(await requests.once(failing, async () => 'done')).toBe('done')
    },
  }
}

const webhookCalls: Calls = ({ syncline: { webhooks }, scope: { connectorId }, own, other, mine }) => ({
  'webhooks.receive': async () => {
    await refused(webhooks.receive(webhookOf(other, mine.secret, 'message-2')))
    expect(await webhooks.receive(webhookOf(own, mine.secret))).toMatchObject({ status: 'repeated' })
  },
  'webhooks.state': () => webhooks.state({ connectorId }),
  'webhooks.setSecret': () => webhooks.setSecret({ connectorId }),
  'webhooks.removeSecret': () => webhooks.removeSecret({ connectorId }),
})

const postSyncCalls: Calls = ({ syncline: { postSync }, scope, owner }) => ({
  'postSync.run': async () => {
    const { stats } = await postSync.run(scope)
    expect(stats).toMatchObject({ deactivated: 1, reactivated: 1 })
  },
  'postSync.runs': () => postSync.runs(scope),
  'postSync.actions': () => postSync.actions(owner),
  'postSync.deliver': () => postSync.deliver(),
})

const matchCalls: Calls = ({ syncline: { matches }, scope, mine, foreign }) => {
  const { connectorId } = scope
  const notMine = { connectorId, matchId: foreign.matchId }
  const own = { connectorId, matchId: mine.matchId }
  return {
    'matches.list': () => matches.list(scope),
    'matches.slice': () => matches.slice({ ...scope, limit: 10 }),
    'matches.stats': () => matches.stats(scope),
    'matches.get': () => notFound(matches.get(notMine)),
    'matches.resolve': async () => {
      await notFound(matches.resolve({ ...notMine, action: 'skip', resolvedBy: 'operator' }))
      return matches.resolve({ ...own, action: 'link', userId: 'u-3', resolvedBy: 'operator' })
    },
    'matches.unlink': async () => {
      await notFound(matches.unlink({ ...notMine, resolvedBy: 'operator' }))
      return matches.unlink({ ...own, resolvedBy: 'operator' })
    },
    'matches.bulkResolve': async () => {
      const matchIds = [own.matchId, notMine.matchId]
      const resolution = { connectorId, matchIds, action: 'skip', resolvedBy: 'operator' } as const
      expect(await matches.bulkResolve(resolution)).toEqual({ updated: 1 })
    },
  }
}

const lastCalls: Calls = ({ syncline, syncline: { connectors }, scope, theirs, own, owner }) => ({
  'configs.remove': () => syncline.configs.remove(scope),
  'connectors.pause': async () => {
    await notFound(connectors.pause(theirs))
    return connectors.pause({ connectorId: scope.connectorId, ...owner })
  },
  'connectors.resume': async () => {
    await notFound(connectors.resume(theirs))
    return connectors.resume({ connectorId: scope.connectorId, ...owner })
  },
  'connectors.move': () =>
    notFound(connectors.move({ connectorId: theirs.connectorId, from: own, to: 'east' })),
  'connectors.remove': async () => {
    expect(await connectors.remove(theirs.connectorId, owner)).toBe(false)
    expect(await connectors.remove(scope.connectorId, owner)).toBe(true)
  },
  stop: () => syncline.stop(),
})
