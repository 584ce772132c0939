import type { KeyedRequest, KeyedRequestStore, RequestClaim } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { StoreContext } from './context.ts'
import { connectorNotFound } from './scope-lock.ts'
import { interval } from './values.ts'

interface KeptRequest {
  readonly fingerprint: string
  readonly effectId: string
  readonly claim: number
  readonly answer: string | null
}

/** Requests with a key: one row each, claimed by database time. */
export function keyedRequestStore({ database, tables }: StoreContext): KeyedRequestStore {
  return {
    claim: (request) =>
      database.write(async (session) => {
        const { connectorId, principalId, key, fingerprint, effectId } = request
        const until = sql`clock_timestamp() + ${interval(request.leaseMs)}`
        // The one who inserts has it, and so has the one who finds its claim ended; others see what is kept.
        const [kept] = await session.run(sql<KeptRequest>`insert into ${tables.keyedRequests} as kept
          (connector_id, principal_id, key, fingerprint, effect_id, claim, claimed_until)
          select id, ${principalId}, ${key}, ${fingerprint}, ${effectId}, 1, ${until}
            from ${tables.connectors} where id = ${connectorId} for key share
          on conflict (connector_id, principal_id, key) do update set
            claim = kept.claim + 1, claimed_until = excluded.claimed_until
            where kept.fingerprint = excluded.fingerprint and ${isFree}
          returning fingerprint, effect_id as "effectId", claim, answer`)
        if (kept) return { kind: 'claimed', claim: kept.claim, effectId: kept.effectId }
        const [other] =
          await session.run(sql<KeptRequest>`select fingerprint, effect_id as "effectId", claim, answer
          from ${tables.keyedRequests} ${ofRequest(request)}`)
        if (!other) throw connectorNotFound(connectorId)
        if (other.fingerprint !== fingerprint) return { kind: 'reused' }
        if (other.answer !== null) return { kind: 'answered', answer: other.answer }
        return { kind: 'busy', effectId: other.effectId }
      }),
    answer: (claim, answer) =>
      database.read(async (session) => {
        const kept = await session.run(sql`update ${tables.keyedRequests} set answer = ${answer}
          ${ofClaim(claim)} returning claim`)
        return kept.length > 0
      }),
    release: (claim) =>
      database.read(async (session) => {
        await session.run(
          sql`update ${tables.keyedRequests} set claimed_until = '-infinity' ${ofClaim(claim)}`,
        )
      }),
    prune: ({ olderThanMs, limit }) =>
      database.read(async (session) => {
        const pruned = await session.run(sql`delete from ${tables.keyedRequests} where ctid = any(array(
          select ctid from ${tables.keyedRequests}
          where created_at < statement_timestamp() - ${interval(olderThanMs)}
          order by created_at limit ${limit}::int for update skip locked)) returning claim`)
        return pruned.length
      }),
  }
}

/** Not answered, and its holder is done or dead. */
const isFree = sql`(kept.answer is null and kept.claimed_until <= clock_timestamp())`

const ofRequest = ({ connectorId, principalId, key }: KeyedRequest): RawBuilder<unknown> =>
  sql`where connector_id = ${connectorId} and principal_id = ${principalId} and key = ${key}`

const ofClaim = (claim: RequestClaim): RawBuilder<unknown> =>
  sql`${ofRequest(claim)} and claim = ${claim.claim}::int
    and effect_id = ${claim.effectId} and answer is null`
