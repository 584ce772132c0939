import { type PostgresProfileStore, type PostgresUserDirectory } from '@syncline/adapter-postgres'
import { createUuidV7, type MatchWrite, type NewAction, type PeopleStore } from '@syncline/core'
import { idOf, type Phase, type PhaseRequest } from './listing-phases.ts'

export interface PeopleRequest extends PhaseRequest {
  readonly people: PeopleStore
  readonly users: PostgresUserDirectory
  readonly profiles: PostgresProfileStore
}

const tenantId = 'tenant'
const resourceId = '01890000-0000-7000-8000-00000000f00d'
const mailOf = (number: number): string => `${idOf(number)}@example.com`

const matchOf = (number: number, version: number): MatchWrite => ({
  externalId: idOf(number),
  connectorResourceId: resourceId,
  externalDisplayName: idOf(number),
  userId: `u-${number}`,
  matchStatus: 'matched',
  matchConfidence: 'exact',
  matchStrategy: 'email',
  evidence: [],
  version,
})

/** Users are made, linked, closed, opened and looked up, some at a time. */
export function peoplePhases(request: PeopleRequest): Readonly<Record<string, Phase>> {
  const { people, users, profiles, scope, count } = request
  const nextId = createUuidV7()
  const some = Math.ceil(count / 30)
  const inParts = (work: (numbers: readonly number[]) => Promise<unknown>): Phase => ({
    records: count,
    async run() {
      for (let first = 0; first < count; first += some) {
        await work(Array.from({ length: Math.min(some, count - first) }, (_, place) => first + place))
      }
    },
  })
  const actionOf = (number: number, kind: NewAction['kind']): NewAction & { readonly userId: string } => ({
    actionId: nextId(),
    kind,
    status: 'intended',
    externalId: idOf(number),
    userId: `u-${number}`,
    connectorResourceId: resourceId,
    by: 'test',
    reason: 'test',
    before: {},
    after: {},
  })
  const commit = (numbers: readonly number[], version: number, actions: readonly NewAction[] = []) =>
    people.commit({
      scope,
      tenantId,
      matches: numbers.map((number) => matchOf(number, version)),
      actions,
      settled: actions.map(({ actionId }) => ({ actionId, status: 'done' as const })),
      jobs: numbers.map((number) => ({
        idempotencyKey: `${version}-${number}`,
        tenantId,
        payload: {
          workflowId: 'w',
          connectorId: scope.connectorId,
          resourceType: scope.resourceType,
          mode: 'per_record' as const,
          runId: 'r',
          externalId: idOf(number),
        } as never,
      })),
    })
  return {
    'links written': inParts((numbers) => commit(numbers, 0)),
    'links changed, with actions': inParts((numbers) =>
      commit(
        numbers,
        1,
        numbers.map((number) => actionOf(number, 'reactivate')),
      ),
    ),
    'deactivations that lost their cause or not': inParts((numbers) =>
      commit(
        [],
        2,
        numbers.map((number) => actionOf(number, 'deactivate')),
      ),
    ),
    ...walks(request, some),
    'links, subjects and last actions looked up': inParts(async (numbers) => {
      const userIds = numbers.map((number) => `u-${number}`)
      await people.links(userIds, { tenantId })
      await people.subjectsOf(scope, numbers.map(idOf))
      await people.lastActions(userIds, { tenantId })
    }),
    'users looked up': inParts(async (numbers) => {
      await users.get(
        numbers.map((number) => `u-${number}`),
        { tenantId },
      )
      await users.findByKeys({
        tenantId,
        strategy: 'email',
        keys: numbers.map((number) => ({ value: mailOf(number) })),
        perKey: 2,
      })
    }),
    'users made': inParts((numbers) =>
      users.create(
        numbers.map((number) => ({
          ...scope,
          tenantId,
          actionId: nextId(),
          externalId: idOf(number),
          email: `new-${mailOf(number)}`,
          displayName: 'New',
        })),
      ),
    ),
    'users closed and opened': inParts(async (numbers) => {
      for (const kind of ['deactivate', 'reactivate'] as const) {
        await users.changeStatus(
          numbers.map((number) => ({ tenantId, actionId: nextId(), userId: `u-${number}`, kind })),
        )
      }
    }),
    'profiles written and changed': inParts(async (numbers) => {
      for (let version = 0; version < 2; version += 1) {
        const found = await profiles.read(
          numbers.map((number) => `u-${number}`),
          { tenantId },
        )
        const changes = [
          { field: 'title', to: `t${version}`, source: { source: 'connector' as const } },
        ] as never
        await profiles.write(found.map((profile) => ({ ...profile, tenantId, changes })))
      }
    }),
    'jobs delivered': {
      records: 2 * count,
      async run() {
        for (;;) {
          const jobs = await people.claimJobs({ limit: some, leaseMs: 60_000 })
          if (jobs.length === 0) return
          await people.deliveredJobs(jobs.map(({ idempotencyKey }) => idempotencyKey))
        }
      },
    },
  }
}

/** Everything of a scope, slice by slice. */
function walks({ people, scope, count }: PeopleRequest, limit: number): Readonly<Record<string, Phase>> {
  const walk = (which: 'live' | 'live_linked' | 'absent_linked'): Phase => ({
    records: count,
    async run() {
      for (let after: string | undefined; ; ) {
        const found = await people.subjects({ scope, which, limit, ...(after !== undefined && { after }) })
        after = found.at(-1)?.externalId
        if (found.length < limit) return
      }
    },
  })
  const byPosition = (
    read: (after: number) => Promise<readonly { readonly position: number }[]>,
    start: number,
  ): Phase => ({
    records: 2 * count,
    async run() {
      for (let at = start; ; ) {
        const found = await read(at)
        const last = found.at(-1)
        if (!last) return
        at = last.position
      }
    },
  })
  return {
    'live subjects walked': walk('live'),
    'linked live subjects walked': walk('live_linked'),
    'linked absent subjects walked': walk('absent_linked'),
    'matches listed': {
      records: count,
      async run() {
        for (let after: string | undefined; ; ) {
          const found = await people.find({ ...scope, limit, ...(after !== undefined && { after }) })
          after = found.at(-1)?.externalId
          if (found.length < limit) return
        }
      },
    },
    'open actions walked': byPosition((after) => people.openActions({ scope, after, limit }), 0),
    'deactivations walked': byPosition((after) => people.deactivations({ scope, tenantId, after, limit }), 0),
    'the journal read': byPosition(
      (before) => people.actions({ ...scope, before, limit }),
      Number.MAX_SAFE_INTEGER,
    ),
  }
}

/** Users of the table of ours: one for each link. */
export const insertUsers = (count: number): string =>
  `insert into syncline.local_user (tenant_id, id, email, sub)
    select '${tenantId}', 'u-' || n, 'user-' || lpad(n::text, 7, '0') || '@example.com', 's-' || n
    from generate_series(0, ${count - 1}) n`
