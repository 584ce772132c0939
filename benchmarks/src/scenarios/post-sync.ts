import { type Measurement, resultRow } from '../results/result-row.ts'
import { query } from '../server/query.ts'
import { vacuum } from '../server/vacuum.ts'
import { expectedMatches } from '../upstream/local-users.ts'
import type { UpstreamState } from '../upstream/upstream-state.ts'
import { loadStates } from '../ways/load-states.ts'
import { elapsedMs } from '../ways/stopwatch.ts'
import { insertUsers } from '../ways/syncline-post-sync.ts'
import type { Bench, ScenarioGroup } from './bench.ts'
import { requireExact } from './check-content.ts'
import { measureWork, wayModule } from './measure-work.ts'

const first = 'post-sync: first match'
const again = 'post-sync: unchanged'
const memory = 'post-sync: memory of a first match'
const join = 'SQL join'

/** As for the memory of syncs: what the library needs, not what V8 takes. */
const youngMb = 16

/** Twice as many users as resources; as many where that is a million. */
const usersFor = (records: number): number => (records < 1_000_000 ? 2 * records : records)

/** Resources against users by e-mail and two fallbacks: when nobody is matched yet, and when all are. */
export const postSync: ScenarioGroup = {
  names: [first, again, memory],
  sizes: [100_000, 1_000_000],
  steps: ({ rounds }) => 2 + 3 * rounds,
  async run(bench, records) {
    const template = `people_${records}`
    const url = await bench.server.createDatabase(template)
    await loadStates(url, [{ records, steps: [] }])
    await insertUsers(url, usersFor(records))
    await query(url, joinedTable)
    await vacuum(url)
    bench.step('loaded, for post-sync')
    const measured = {
      [first]: [] as Measurement[],
      [again]: [] as Measurement[],
      [memory]: [] as Measurement[],
      [join]: [] as Measurement[],
    }
    const keep = (name: keyof typeof measured, one: Measurement): void => {
      measured[name].push(one)
      bench.step(name, one)
    }
    for (let round = 0; round < bench.rounds; round++) {
      await bench.beginRound()
      const copy = await bench.server.createDatabase('people', template)
      keep(join, await measureJoin(copy, records))
      keep(first, await measurePostSync(bench, { url: copy, records, changed: records }))
      await vacuum(copy)
      keep(again, await measurePostSync(bench, { url: copy, records, changed: 0 }))
    }
    await bench.beginRound()
    const copy = await bench.server.createDatabase('people', template)
    keep(memory, await measurePostSync(bench, { url: copy, records, changed: records, youngMb }))
    return ([first, again, memory] as const)
      .filter((scenario) => bench.wants(scenario))
      .map((scenario) =>
        resultRow(
          { scenario, records },
          {
            ours: measured[scenario],
            yardsticks: scenario === memory ? { 'no bound': measured[first] } : { [join]: measured[join] },
          },
        ),
      )
  },
}

/** What the table of the yardstick says of a resource: who it is, and whether that is sure. */
const joinedTable = 'create table joined (external_id text primary key, user_id text, hits int not null)'

/** The usual statement: e-mails joined in lower case, one row for each resource. */
async function measureJoin(url: string, records: number): Promise<Measurement> {
  const ms = await elapsedMs(() =>
    query(
      url,
      `insert into joined select r.external_id, min(u.id), count(u.id) from syncline.connector_resource r
        left join syncline.local_user u on lower(u.email) = lower(r.email)
        where r.stale_since is null group by r.external_id`,
    ),
  )
  const [found] = await query<{ exact: string }>(
    url,
    'select count(user_id) as exact from joined where hits = 1',
  )
  requireExact('Resources joined with one user', Number(found?.exact), expectedMatches(records).exact)
  return { records, ms }
}

interface PostSyncRun {
  readonly url: string
  readonly records: number
  /** Match rows it is to write. */
  readonly changed: number
  readonly youngMb?: number
}

async function measurePostSync(
  bench: Bench,
  { url, records, changed, youngMb: young }: PostSyncRun,
): Promise<Measurement> {
  const state: UpstreamState = { records, steps: [] }
  const input = { url, warmUpUrl: bench.warmUpUrl(), warmUpRecords: bench.warmUpRecords, state }
  const job = { module: wayModule('syncline-post-sync'), input, youngMb: young }
  const { measured, facts } = await measureWork(bench.server, job, records)
  const { exact, probable, unmatched } = expectedMatches(records)
  const counts = { matched: exact + probable, unmatched, ambiguous: 0, changed }
  requireExact('A post-sync', facts, { status: 'success', ...counts })
  const confidences = await query<{ confidence: string; rows: string }>(
    url,
    `select match_confidence as confidence, count(*) as rows from syncline.connector_sync_match group by 1`,
  )
  requireExact(
    'Match rows',
    Object.fromEntries(confidences.map(({ confidence, rows }) => [confidence, Number(rows)])),
    { exact, probable, none: unmatched },
  )
  return measured
}
