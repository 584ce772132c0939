import type { MessageId, WebhookStore } from '@syncline/core'
import { sql } from 'kysely'
import type { StoreContext } from '../context.ts'
import { interval } from '../values.ts'
import { takeEvent } from './take-event.ts'

/** What came by webhook. */
export function webhookStore(context: StoreContext): WebhookStore {
  const { database, tables } = context
  const noted = ({ connectorId, messageId }: MessageId): Promise<boolean> =>
    database.read(async (session) => {
      const found = await session.runPrepared(sql`select 1 from ${tables.webhookMessages}
        where connector_id = ${connectorId} and message_id = ${messageId}`)
      return found.length > 0
    })
  return {
    takeEvent: takeEvent(context, noted),
    noted,
    note: ({ connectorId, messageId }) =>
      database.write(async (session) => {
        const made = await session.runPrepared(sql`insert into ${tables.webhookMessages}
          (connector_id, message_id, received_at)
          values (${connectorId}, ${messageId}, clock_timestamp()) on conflict do nothing returning 1`)
        return made.length > 0
      }),
    prune: ({ olderThanMs, limit }) =>
      database.write(async (session) => {
        const until = sql`statement_timestamp() - ${interval(olderThanMs)}`
        // An event that is being taken in keeps its mark, and waits for nobody here.
        const messages = await session.run(sql`delete from ${tables.webhookMessages}
          where ctid = any(array(select ctid from ${tables.webhookMessages} where received_at < ${until}
            order by received_at limit ${limit}::int for update skip locked)) returning 1`)
        const marks = await session.run(sql`delete from ${tables.webhookMarks}
          where ctid = any(array(select k.ctid from ${tables.scopes} s cross join lateral (
              select x.ctid from ${tables.webhookMarks} x where x.scope_id + 0 = s.id and x.marked_at < ${until}
              order by x.marked_at limit ${limit}::int for update skip locked) k
            limit ${limit}::int)) returning 1`)
        const counts = [messages.length, marks.length]
        return { count: messages.length + marks.length, done: counts.every((count) => count < limit) }
      }),
  }
}
