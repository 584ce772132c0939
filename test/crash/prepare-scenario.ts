import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline } from '@syncline/core'
import type { Database } from '../../test-support/database-on.ts'
import { pageConnector } from './page-connector.ts'
import { servePages } from './page-server.ts'
import { type Scenario, users } from './scenario.ts'

/** Brings the store into the state every trial begins with. Resolves with its last run. */
export async function prepare(
  database: Database,
  { history, expected }: Scenario,
): Promise<string | undefined> {
  const store = await openPostgresStore({ connectionString: database.url })
  const syncline = createSyncline({ store, connectorTypes: [pageConnector] })
  const save = (url: string) =>
    syncline.connectors.save({ connectorId: users.connectorId, type: 'pages', config: { url } })
  await save('http://127.0.0.1:9')
  let runId: string | undefined
  for (const listing of history) {
    const upstream = await servePages(listing)
    await save(upstream.url)
    const run = await syncline.sync(users)
    runId = run.runId
    await upstream.close()
  }
  await store.close()
  await database.query(`update syncline.resource_row set stale_since = stale_since - interval '30 days'`)
  // I2, watched while it happens: nothing goes stale that upstream has.
  await database.query(`create table upstream_has (external_id text primary key)`)
  await database.query(`insert into upstream_has select unnest($1::text[])`, [expected.ids])
  await database.query(`create function refuse_wrong_stale() returns trigger language plpgsql as $$ begin
    if new.stale_since is not null and exists (select from upstream_has u where u.external_id = new.external_id)
    then raise exception 'I2: % went stale while upstream has it', new.external_id; end if; return new; end $$`)
  await database.query(`create trigger i2 before update on syncline.resource_row
    for each row execute function refuse_wrong_stale()`)
  return runId
}
