import type { PeopleStore, WorkflowJob, WorkflowJobPayload } from '@syncline/core'
import { sql } from 'kysely'
import { checked } from '../along-indexes.ts'
import type { Session } from '../database.ts'
import type { Tables } from '../tables.ts'
import { exactText, interval } from '../values.ts'
import type { PeopleContext } from './people-context.ts'

/** Records jobs on their way out, in order. One whose key is there changes nothing. */
export async function recordJobs(
  session: Session,
  tables: Tables,
  jobs: readonly WorkflowJob[],
): Promise<void> {
  if (jobs.length === 0) return
  const { arrays } = session
  await session.run(sql`insert into ${tables.jobs} (idempotency_key, tenant_id, payload)
    select g.key, g.tenant_id, g.payload::json
    from unnest(${arrays.text(jobs.map(({ idempotencyKey }) => idempotencyKey))},
      ${arrays.text(jobs.map(({ tenantId }) => tenantId))},
      ${arrays.text(jobs.map(({ payload }) => JSON.stringify(payload)))}) with ordinality as g(key, tenant_id, payload, place)
    order by g.place on conflict (idempotency_key) do nothing`)
}

/** Claims jobs and takes them off the list. Claims of others are passed over, not waited for. */
export const workflowJobs = ({
  database,
  tables,
}: PeopleContext): Pick<PeopleStore, 'claimJobs' | 'deliveredJobs'> => ({
  claimJobs: ({ limit, leaseMs }) =>
    database.write(async (session) => {
      const rows = await session.run(sql<{ ordinal: number; key: string; tenantId: string; payload: string }>`
        update ${tables.jobs} as j set claimed_until = statement_timestamp() + ${interval(leaseMs)}
        where j.ordinal = any(array(select w.ordinal from ${tables.jobs} w
          where w.delivered_at is null
            and (w.claimed_until is null or w.claimed_until <= statement_timestamp())
          order by w.ordinal limit ${limit}::bigint for update skip locked))
        returning j.ordinal::float8 as ordinal, '=' || j.idempotency_key as key, j.tenant_id as "tenantId",
          j.payload::text as payload`)
      return rows
        .toSorted((one, other) => one.ordinal - other.ordinal)
        .map(({ key, tenantId, payload }) => ({
          idempotencyKey: exactText(key),
          tenantId,
          payload: readPayload(payload),
        }))
    }),
  deliveredJobs: (idempotencyKeys) =>
    database.read(async (session) => {
      const keys = session.arrays.text([...new Set(idempotencyKeys)])
      await session.run(sql`update ${tables.jobs} set delivered_at = statement_timestamp()
        where idempotency_key = any(${keys}) and ${checked(sql`delivered_at is null`)}`)
    }),
})

/** Validated before it was recorded. */
const readPayload = (text: string): WorkflowJobPayload => JSON.parse(text)
