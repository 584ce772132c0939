import type { EventState, Store, WebhookStore } from '@syncline/core'
import { withResources } from './planted-bug.ts'

/** A mistake that a store may make with webhooks, and the case that must catch it. */
export interface PlantedWebhookBug<Port, Broken = Port> {
  readonly caughtBy: string
  readonly plant: (port: Port) => Broken
}

let made = 0

/** Shows `decide` another state than the store's. */
const showing =
  (change: (state: EventState) => EventState) =>
  (webhooks: WebhookStore): Partial<WebhookStore> => ({
    takeEvent: (request, decide) => webhooks.takeEvent(request, (state) => decide(change(state))),
  })

export const plantedWebhookBugs: Readonly<
  Record<string, PlantedWebhookBug<WebhookStore, Partial<WebhookStore>>>
> = {
  'messages are not remembered': {
    caughtBy: 'a message is taken once: repeated, it writes nothing and is not decided',
    plant: (webhooks) => ({
      takeEvent: (request, decide) =>
        webhooks.takeEvent({ ...request, messageId: `${request.messageId} ${(made += 1)}` }, decide),
    }),
  },
  'the look at the messages and the write are two steps': {
    caughtBy: 'of many deliveries of a message at once one is taken',
    plant: (webhooks) => ({
      async takeEvent(request, decide) {
        if (await webhooks.noted(request)) return { kind: 'repeated' }
        const taken = await webhooks.takeEvent({ ...request, messageId: `own ${(made += 1)}` }, decide)
        await webhooks.note(request)
        return taken
      },
    }),
  },
  'message ids are shared by all connectors': {
    caughtBy: 'message ids are counted per connector and compared byte for byte',
    plant: (webhooks) => ({
      async takeEvent(request, decide) {
        if (!(await webhooks.note({ ...request, connectorId: 'all' }))) return { kind: 'repeated' }
        return webhooks.takeEvent(request, decide)
      },
    }),
  },
  'message ids are compared without case': {
    caughtBy: 'message ids are counted per connector and compared byte for byte',
    plant: (webhooks) => ({
      takeEvent: (request, decide) =>
        webhooks.takeEvent({ ...request, messageId: request.messageId.toLowerCase() }, decide),
    }),
  },
  'a deferred message is noted': {
    caughtBy: 'an event that is deferred writes nothing, and its message may still be taken',
    plant: (webhooks) => ({
      async takeEvent(request, decide) {
        const taken = await webhooks.takeEvent(request, decide)
        if (taken.kind === 'deferred') await webhooks.note(request)
        return taken
      },
    }),
  },
  'a message that failed is noted': {
    caughtBy: 'an event that cannot be stored leaves nothing behind, neither its message nor its mark',
    plant: (webhooks) => ({
      async takeEvent(request, decide) {
        try {
          return await webhooks.takeEvent(request, decide)
        } catch (error) {
          await webhooks.note(request)
          throw error
        }
      },
    }),
  },
  'errors of decide are hidden': {
    caughtBy: 'nothing is written when decide throws, and its error is thrown',
    plant: (webhooks) => ({
      takeEvent: (request, decide) =>
        webhooks.takeEvent(request, decide).catch(() => ({ kind: 'taken', outcome: 'none' }) as const),
    }),
  },
  'marks are lost': {
    caughtBy: 'decide sees the resource and the mark, with when it was made, by store time',
    plant: showing((state) => ({ ...state, mark: undefined })),
  },
  'a lower bound is kept as an exact mark': {
    caughtBy: 'a mark keeps whether it is a lower bound',
    plant: showing((state) =>
      state.mark ? { ...state, mark: { ...state.mark, isLowerBound: undefined } } : state,
    ),
  },
  'a mark goes with its resource': {
    caughtBy: 'a mark outlives its resource',
    plant: showing(({ mark, ...state }) => ({ ...state, ...(state.resource && mark && { mark }) })),
  },
  'versions are kept with 32 bits': {
    caughtBy: 'decide sees the resource and the mark, with when it was made, by store time',
    plant: showing((state) => {
      const version = state.mark?.version
      return version === undefined || !state.mark
        ? state
        : { ...state, mark: { ...state.mark, version: version | 0 } }
    }),
  },
  'a mark is never emptied': {
    caughtBy: 'a mark replaces the one before it, and stays where none is given',
    plant: (webhooks) => ({
      takeEvent: (request, decide) =>
        webhooks.takeEvent(request, (state) => {
          const decision = decide(state)
          if (decision.kind === 'defer' || !decision.mark) return decision
          const { at: _, ...before } = state.mark ?? { at: undefined }
          return { ...decision, mark: { ...before, ...decision.mark } }
        }),
    }),
  },
  'the revision knows the mark only': {
    caughtBy: 'the revision differs after each change of content, staleness or mark, and is equal otherwise',
    plant: showing((state) => ({ ...state, revision: JSON.stringify(state.mark ?? null) })),
  },
  'the revision knows the content only': {
    caughtBy: 'the revision differs after each change of content, staleness or mark, and is equal otherwise',
    plant: showing((state) => ({ ...state, revision: state.resource?.hash ?? '' })),
  },
  'the revision changes by itself': {
    caughtBy: 'the revision differs after each change of content, staleness or mark, and is equal otherwise',
    plant: showing((state) => ({ ...state, revision: `${state.revision} ${(made += 1)}` })),
  },
  'an unchanged record is not confirmed': {
    caughtBy: 'what takeEvent stores is confirmed now, also when nothing changed',
    plant: (webhooks) => ({
      takeEvent: (request, decide) =>
        webhooks.takeEvent(request, (state) => {
          const decision = decide(state)
          if (decision.kind === 'defer' || decision.write?.kind !== 'upsert') return decision
          const { write, ...rest } = decision
          return write.record.hash === state.resource?.hash ? rest : decision
        }),
    }),
  },
  'a removal is not carried out': {
    caughtBy: 'takeEvent carries the write out with its change and without a run, and says what it was',
    plant: (webhooks) => ({
      takeEvent: (request, decide) =>
        webhooks.takeEvent(request, (state) => {
          const decision = decide(state)
          return decision.kind === 'take' && decision.write?.kind === 'remove'
            ? { ...decision, write: undefined }
            : decision
        }),
    }),
  },
  'note always says that it was first': {
    caughtBy: 'note notes a message once, and of callers at the same time one is told so',
    plant: (webhooks) => ({ note: async (message) => (await webhooks.note(message)) || true }),
  },
  'what was noted may be taken': {
    caughtBy: 'a message that was noted is repeated when it is taken, and the other way round',
    plant: (webhooks) => ({
      note: (message) => webhooks.note({ ...message, messageId: `${message.messageId} noted` }),
    }),
  },
  'prune forgets what is young': {
    caughtBy: 'prune forgets messages and marks that are old enough, in batches, and nothing else',
    plant: (webhooks) => ({ prune: ({ limit }) => webhooks.prune({ olderThanMs: -1, limit }) }),
  },
  'prune says too early that it is done': {
    caughtBy: 'prune forgets messages and marks that are old enough, in batches, and nothing else',
    plant: (webhooks) => ({
      prune: async (request) => ({ ...(await webhooks.prune(request)), done: true }),
    }),
  },
}

const kept =
  'a page leaves what a webhook has said since it was asked for, and counts it as seen and unchanged'

/** Mistakes that a store may make with pages, where webhooks have overtaken them. */
export const plantedPageBugs: Readonly<Record<string, PlantedWebhookBug<Store>>> = {
  'a page overwrites what a webhook has said since': {
    caughtBy: kept,
    plant: (store) =>
      withResources(store, (resources) => ({
        commitPage: (commit) => resources.commitPage({ ...commit, askedAfter: undefined }),
      })),
  },
  'records that were overtaken are left out': {
    caughtBy: kept,
    plant: (store) =>
      withResources(store, (resources) => ({
        async commitPage(commit) {
          const { connectorId, resourceType } = commit.lease
          const { tenantId = '' } = (await store.connectors.get(connectorId)) ?? {}
          const overtaken = new Set<string>()
          for (const { externalId } of commit.askedAfter ? commit.records : []) {
            const messageId = `look ${(made += 1)}`
            const ref = { connectorId, tenantId, resourceType, externalId, messageId }
            await store.webhooks?.takeEvent(ref, ({ mark }) => {
              if (mark) overtaken.add(externalId)
              return { kind: 'defer' }
            })
          }
          const records = commit.records.filter(({ externalId }) => !overtaken.has(externalId))
          return resources.commitPage({ ...commit, records })
        },
      })),
  },
  'a page brings back what a webhook has removed': {
    caughtBy: 'a page does not make again what a webhook has removed since, and counts it as excluded',
    plant: (store) =>
      withResources(store, (resources) => ({
        commitPage: (commit) => resources.commitPage({ ...commit, askedAfter: undefined }),
      })),
  },
  'a webhook is believed for ever': {
    caughtBy: 'a page overwrites what a webhook had said before it was asked for',
    plant: (store) =>
      withResources(store, (resources) => ({
        commitPage: (commit) => resources.commitPage({ ...commit, askedAfter: new Date(0) }),
      })),
  },
}
