import { migrate } from '@syncline/adapter-postgres'
import {
  createSyncline,
  type PostSyncStats,
  type SyncConfigInput,
  type Syncline,
  type UpstreamRecord,
} from '@syncline/core'
import { type ScriptedConnector, scriptedConnector } from '@syncline/testing'
import pg from 'pg'
import { type HostName, hostKinds, openHost } from './host-kinds.ts'
import { address, isExempt, staff } from './staff.ts'
import { watchStatements } from './watch-tables.ts'

const elsewhere = { connectorId: 'crm', resourceType: 'user' } as const

const numbered = (name: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, place) => `${name}${String(place + 1).padStart(2, '0')}`)

const kept = numbered('kept', 12)
const left = numbered('left', 6)
const back = numbered('back', 4)
const found = numbered('new', 6)
const made = numbered('made', 6)
const single = ['shared', 'glass', 'moved', 'lost', 'override', 'skipped'] as const

const person = (externalId: string, title: string, change: Partial<UpstreamRecord> = {}): UpstreamRecord => ({
  externalId,
  displayName: `Name of ${externalId}`,
  email: address(externalId),
  attributes: { title },
  ...change,
})

const people = (names: readonly string[], title: string): readonly UpstreamRecord[] =>
  names.map((name) => person(name, title))

/** What upstream lists, one sync after the other; the last one is what the post-sync that dies is about. */
const listings: readonly (readonly UpstreamRecord[])[] = [
  people([...kept, ...left, ...back, ...single], 'Junior'),
  people([...kept, ...left, ...single], 'Junior'),
  [
    ...people([...kept, ...back, ...found, ...made, 'twin', 'override', 'skipped'], 'Senior'),
    person('moved', 'Senior', { email: address('other') }),
    person('lost', 'Senior', { email: address('lost.and.gone') }),
    person('nomail', 'Senior', { email: null }),
    person('taken', 'Senior', { email: address('Boss') }),
  ],
]

/** Two who share an address. Matched by e-mail, the second would find the user of the first in a second run. */
const pair: readonly UpstreamRecord[] = ['Pair', 'pair'].map((name, place) =>
  person(`pair${place + 1}`, 'Senior', { email: address(name) }),
)

/** How two hosts match: by e-mail, or by ids. */
const matching: Readonly<Record<HostName, Partial<SyncConfigInput>>> = {
  host: {
    userMatchStrategy: 'email',
    userMatchFallbackStrategies: ['external_id'],
    syncTriggerMode: 'per_record',
  },
  own: {
    userMatchStrategy: 'external_id',
    userMatchFallbackStrategies: ['upstream_identity'],
    syncTriggerMode: 'summary',
  },
}

const settings: Partial<SyncConfigInput> = {
  removalGuard: null,
  createUsers: true,
  createUserDefaults: { location: 'Remote' },
  deactivateUsers: true,
  deactivationGuard: { minUsers: 6, percent: 1 },
  attributeMappings: [
    { sourcePath: 'attributes.title', targetField: 'title', writeMode: 'overwrite_always', enabled: true },
    { sourcePath: 'externalId', targetField: 'employeeId', writeMode: 'overwrite_if_empty', enabled: true },
  ],
  postSyncWorkflowId: 'onboarding',
}

interface HostUser {
  readonly name: string
  readonly email: string
  readonly sub?: string
  readonly upstreamId?: string
}

/** The last two newcomers are found by the fallback only; the twins are two users for one person. */
function usersOf(host: HostName): readonly HostUser[] {
  const known = [...kept, ...left, ...back, ...single, ...found.slice(0, -2)]
  const byEmail = host === 'host'
  return [
    ...known.map((name) => ({ name, email: address(name), ...(!byEmail && { sub: name }) })),
    ...found.slice(-2).map((name) => ({
      name,
      email: address(`formerly.${name}`),
      ...(byEmail ? { sub: name } : { upstreamId: name }),
    })),
    ...['twin1', 'twin2'].map((name) => ({ name, email: address(name), sub: 'twin' })),
    ...['other', 'boss'].map((name) => ({ name, email: address(name) })),
  ]
}

/** Changes before the post-sync, where each is to be in a job: more than one job holds. */
const changesWanted = 520

/** Fills a database up to the post-sync that is to be killed. */
export async function setScene(url: string, host: HostName): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 4 })
  await migrate({ pool })
  for (const statement of hostKinds[host].schema) await pool.query(statement)
  await pool.query(hostKinds[host].insertUsers, [JSON.stringify(usersOf(host))])
  const connector = scriptedConnector({ resourceTypes: { user: { pages: [] } } })
  const syncline = createSyncline({
    ...openHost(pool, host),
    connectorTypes: [connector],
    automaticPostSync: false,
    exemptUsers: isExempt,
    workflows: { async trigger() {} },
  })
  for (const scope of [staff, elsewhere]) {
    await syncline.connectors.save({ connectorId: scope.connectorId, type: connector.type })
    await syncline.configs.save({ ...settings, ...matching[host], ...scope })
  }
  await syncline.configs.save({ ...elsewhere, createUsers: false, syncTriggerMode: 'none' })
  await play(syncline, connector, host)
  // What was delivered before is no part of it.
  await pool.query('delete from syncline.workflow_job')
  for (const statement of watchStatements(hostKinds[host])) await pool.query(statement)
  await pool.end()
}

async function play(syncline: Syncline, connector: ScriptedConnector, host: HostName): Promise<void> {
  await syncline.resources.upsert(elsewhere, person('shared', 'Elsewhere'))
  await syncline.postSync.run(elsewhere)
  const [before, away, now = []] = listings
  const sync = async (listed: readonly UpstreamRecord[] = []): Promise<void> => {
    connector.script('user', [listed])
    const { status } = await syncline.sync(staff)
    if (status !== 'success') throw new Error(`The sync of the scene ended ${status}`)
  }
  await sync(before)
  await syncline.postSync.run(staff)
  await decide(syncline)
  await sync(away)
  await syncline.postSync.run(staff)
  await syncline.postSync.deliver()
  const revisions = host === 'host' ? Math.ceil(changesWanted / kept.length) : 0
  for (let revision = 1; revision <= revisions; revision++) {
    for (const name of kept)
      await syncline.resources.upsert(staff, person(name, 'Junior', { displayName: `${name} ${revision}` }))
  }
  await sync(host === 'own' ? [...now, ...pair] : now)
}

/** What operators decided before. */
async function decide({ matches }: Syncline): Promise<void> {
  const { data } = await matches.list({ ...staff, pageSize: 100 })
  const idOf = (externalId: string) => ({
    connectorId: staff.connectorId,
    matchId: data.find((row) => row.externalId === externalId)?.matchId ?? '',
  })
  const userId = data.find((row) => row.externalId === 'kept01')?.userId
  await matches.resolve({ ...idOf('override'), action: 'link', userId, resolvedBy: 'operator' })
  await matches.resolve({ ...idOf('skipped'), action: 'skip', resolvedBy: 'operator' })
}

/** What an undisturbed post-sync of the scene counts. */
export const expectedStats: Readonly<Record<HostName, Partial<PostSyncStats>>> = {
  host: { matched: 30, unmatched: 2, created: 6, createFailed: 0, profilesUpdated: 24, jobs: 2 },
  own: { matched: 31, unmatched: 3, created: 7, createFailed: 1, profilesUpdated: 24, jobs: 1 },
}

/** The same in both. */
export const expectedOfAll: Partial<PostSyncStats> = {
  ambiguous: 1,
  resolved: 2,
  pending: 0,
  deactivated: 6,
  reactivated: 4,
}
