import type { Syncline } from '@syncline/core'
import type { FastifyInstance } from 'fastify'

/** A mistake that a plugin, or what stands behind it, may make, and the case that must catch it. */
export interface PlantedBug {
  readonly caughtBy: string
  readonly syncline?: (syncline: Syncline) => Partial<Syncline>
  readonly app?: (app: FastifyInstance) => void
}

type Runs = Syncline['runs']
type Matches = Syncline['matches']

const withRuns = (broken: (runs: Runs) => Partial<Runs>) => (syncline: Syncline) => ({
  runs: { ...syncline.runs, ...broken(syncline.runs) },
})

const withMatches = (broken: (matches: Matches) => Partial<Matches>) => (syncline: Syncline) => ({
  matches: { ...syncline.matches, ...broken(syncline.matches) },
})

/** What is sent, changed on its way out. */
const withAnswers = (pattern: RegExp, change: (text: string) => string) => (app: FastifyInstance) => {
  app.addHook('onSend', async (request, reply, payload) => {
    if (typeof payload !== 'string' || !pattern.test(request.url)) return payload
    const text = change(payload)
    void reply.removeHeader('content-length')
    return text
  })
}

export const plantedApiBugs: Readonly<Record<string, PlantedBug>> = {
  'a run is read whosever it is': {
    caughtBy: 'runs and rows of another connector are answered as ones that do not exist',
    syncline: withRuns((runs) => ({ get: (runId) => runs.get(runId) })),
  },
  'a run is cancelled whosever it is': {
    caughtBy: 'runs and rows of another connector are answered as ones that do not exist',
    syncline: withRuns((runs) => ({
      cancel: async (runId) => runs.cancel(runId),
      get: (runId) => runs.get(runId),
    })),
  },
  'a run is approved whosever it is': {
    caughtBy: 'runs and rows of another connector are answered as ones that do not exist',
    syncline: withRuns((runs) => ({
      queueApproval: (approval) => runs.queueApproval({ ...approval, connectorId: undefined }),
    })),
  },
  'an approval is in nobody’s name': {
    caughtBy: 'carries out the removals of a guarded run, once, in the name of the principal',
    syncline: withRuns((runs) => ({
      queueApproval: (approval) => runs.queueApproval({ ...approval, approvedBy: 'api' }),
    })),
  },
  'each attempt is another approval': {
    caughtBy: 'with an Idempotency-Key is the same approval, however often it is sent',
    syncline: withRuns((runs) => ({
      queueApproval: (approval) => runs.queueApproval({ ...approval, approvalId: undefined }),
    })),
  },
  'a list of runs forgets its filter after a cursor': {
    caughtBy: 'is newest first, by type and status, in pages and by cursor',
    syncline: withRuns((runs) => ({ list: (query) => runs.list({ ...query, resourceType: undefined }) })),
  },
  'the last state of a run is lost': {
    caughtBy: 'follow a run to its end, whichever process carries it out',
    syncline: withRuns((runs) => ({
      async *watch(...asked) {
        for await (const run of runs.watch(...asked)) if (!run.finishedAt) yield run
      },
    })),
  },
  'nobody tells that the reader has gone': {
    caughtBy: 'end when the server closes, and the run goes on',
    syncline: withRuns((runs) => ({
      watch: (runId, options) => runs.watch(runId, { ...options, signal: undefined }),
    })),
  },
  'leaving a stream cancels its run': {
    caughtBy: 'end when the server closes, and the run goes on',
    syncline: withRuns((runs) => ({
      watch(runId, options) {
        options?.signal?.addEventListener('abort', () => void runs.cancel(runId))
        return runs.watch(runId, options)
      },
    })),
  },
  'a resolution is in the name of whoever says so': {
    caughtBy: 'link attaches the user, in the name of the principal, and answers the row',
    syncline: withMatches((matches) => ({
      resolve: (request) => matches.resolve({ ...request, resolvedBy: 'api' }),
    })),
  },
  'rows of other connectors are resolved in bulk': {
    caughtBy: 'answers how many rows are as asked for, and leaves other connectors’ alone',
    syncline: withMatches((matches) => ({
      async bulkResolve(request) {
        const own = await matches.bulkResolve(request)
        const theirs = await matches.bulkResolve({ ...request, connectorId: 'globex' })
        return { updated: own.updated + theirs.updated }
      },
    })),
  },
  'unlinking keeps the notes': {
    caughtBy: 'clears user and resolution, for a later post-sync to match again',
    syncline: withMatches((matches) => ({
      unlink: async (request) => ({ ...(await matches.unlink(request)), resolutionNotes: 'kept' }),
    })),
  },
  'stale ones are listed with the live ones': {
    caughtBy: 'filters by stale',
    syncline: ({ resources }) => ({
      resources: { ...resources, list: (query) => resources.list({ ...query, stale: undefined }) },
    }),
  },
  'a cursor begins anew': {
    caughtBy: 'pages and cursors answer the same list, cursors also while rows come and go',
    syncline: ({ resources }) => {
      let asked = 0
      return {
        resources: {
          ...resources,
          slice: (query) =>
            resources.slice({ ...query, after: (asked += 1) === 2 ? undefined : query.after }),
        },
      }
    },
  },
  'a field of a row has another name': {
    caughtBy: 'answers the documented page of ambiguous rows, field by field',
    app: withAnswers(/sync-matches\?/, (text) => text.replaceAll('"matchStrategy"', '"strategy"')),
  },
  'a row shows more than it should': {
    caughtBy: 'answers the documented page of ambiguous rows, field by field',
    app: withAnswers(/sync-matches\?/, (text) =>
      text.replaceAll('"matchStatus"', '"version":1,"matchStatus"'),
    ),
  },
  'a refusal says which connector it was': {
    caughtBy: 'a connector of another tenant is answered as one that does not exist, byte for byte',
    app: (app) => {
      app.addHook('onSend', async (request, reply, payload) => {
        if (reply.statusCode === 404 && request.url.includes('acme')) void reply.header('x-tenant', 'one')
        return payload
      })
    },
  },
  'a refusal is plain JSON': {
    caughtBy: 'take plain digits in range, each name once, and no name unasked for: else 400',
    app: (app) => {
      app.addHook('onSend', async (_request, reply, payload) => {
        if (reply.statusCode === 400) void reply.type('application/json')
        return payload
      })
    },
  },
}
