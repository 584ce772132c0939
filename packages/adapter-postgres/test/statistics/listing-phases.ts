import type { PreparedRecord, RejectedRecord, Run, Scope, Store } from '@syncline/core'
import { begin, checkpoint, finish, leaseOf, record, sweep as sweepAll, zeroTimings } from '../listing.ts'

/** Work of a store in one scope of `count` records. */
export interface PhaseRequest {
  readonly store: Store
  readonly scope: Scope
  readonly count: number
  readonly pageSize: number
}

/** One phase, and how many records it is about. */
export interface Phase {
  readonly records: number
  run(): Promise<void>
}

export const idOf = (number: number): string => `user-${String(number).padStart(7, '0')}`

interface Listed {
  readonly number: number
  readonly how: 'kept' | 'excluded' | 'rejected'
  readonly name?: string
}

/** Lists everything page by page and closes the listing; ends the run when all is swept. */
async function pass(
  { store, scope, pageSize }: PhaseRequest,
  listed: readonly Listed[],
  options: { readonly askedAfter?: Date; readonly batch: number },
): Promise<Run> {
  const run = await begin(store, {}, { ...scope, tenantId: 'tenant' })
  for (let first = 0, page = 1; first < listed.length; first += pageSize, page += 1) {
    const part = listed.slice(first, first + pageSize)
    const kept = part.filter(({ how }) => how === 'kept')
    await store.resources.commitPage({
      lease: leaseOf(run),
      generation: run.generation,
      pageNumber: page,
      records: kept.map(({ number, name }): PreparedRecord => record(idOf(number), name)),
      excluded: part.filter(({ how }) => how === 'excluded').map(({ number }) => idOf(number)),
      rejected: part.flatMap(({ number, how }, position): RejectedRecord[] =>
        how === 'rejected'
          ? [{ externalId: idOf(number), position, reason: 'INVALID_SHAPE', detail: 'no name' }]
          : [],
      ),
      received: part.length,
      checkpoint: checkpoint(page),
      timings: zeroTimings,
      ...(options.askedAfter && { askedAfter: options.askedAfter }),
    })
  }
  await store.resources.closeListing({ lease: leaseOf(run), generation: run.generation, full: true })
  await sweepAll(store, run, options.batch)
  return finish(store, run)
}

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, number) => number)

/** First load, unchanged, changed, filtered, rejected, swept, purged; each begins where the one before it ended. */
export function listingPhases(request: PhaseRequest): Readonly<Record<string, Phase>> {
  const { store, scope, count } = request
  const batch = Math.ceil(count / 30)
  const phase = (listed: () => readonly Listed[], askedAfter?: Date): Phase => ({
    records: count,
    run: async () => {
      await pass(request, listed(), { batch, ...(askedAfter && { askedAfter }) })
    },
  })
  const all = (how: (number: number) => Listed['how'], name?: string) => () =>
    numbers(count).map((number): Listed => ({ number, how: how(number), ...(name && { name }) }))
  const half = (number: number): boolean => number % 2 === 0
  return {
    'first load, half of it filtered out': phase(all((number) => (half(number) ? 'kept' : 'excluded'))),
    'the same again': phase(all((number) => (half(number) ? 'kept' : 'excluded'))),
    'nothing filtered out': phase(all(() => 'kept')),
    'all changed': phase(all(() => 'kept', 'changed')),
    'a tenth changed, new, rejected and missing': phase(() =>
      numbers(count).flatMap((number): Listed[] => {
        if (number % 10 === 0) return [{ number, how: 'kept', name: 'again' }]
        if (number % 10 === 1) return [{ number: number + count, how: 'kept' }]
        if (number % 10 === 2) return [{ number, how: 'rejected' }]
        return number % 10 === 3 ? [] : [{ number, how: 'kept', name: 'changed' }]
      }),
    ),
    'webhooks of a tenth': {
      records: count,
      run: async () => {
        const { webhooks } = store
        if (!webhooks) throw new Error('This store keeps webhooks')
        for (const number of numbers(Math.ceil(count / 10))) {
          const removes = number % 3 === 0
          const id = idOf(number * 10)
          await webhooks.takeEvent(
            { ...scope, tenantId: 'tenant', externalId: id, messageId: `m-${number}` },
            () => ({
              kind: 'take',
              write: removes ? { kind: 'remove' } : { kind: 'upsert', record: record(id, 'by webhook') },
              mark: { version: number },
            }),
          )
        }
      },
    },
    'a listing that webhooks overtook': phase(
      all(() => 'kept', 'changed'),
      new Date(0),
    ),
    'half of it missing': phase(() =>
      numbers(count).flatMap((number): Listed[] =>
        half(number) ? [{ number, how: 'kept', name: 'changed' }] : [],
      ),
    ),
    'half of it back, the other half missing': phase(() =>
      numbers(count).flatMap((number): Listed[] =>
        half(number) ? [] : [{ number, how: 'kept', name: 'changed' }],
      ),
    ),
    'stale rows purged': {
      records: count,
      run: async () => {
        for (;;) {
          const purged = await store.resources.purgeExpired({ scope, retentionMs: -1, limit: batch })
          if (purged.done) return
        }
      },
    },
  }
}

/** Reading and forgetting what listings left. */
export function readingPhases({ store, scope, count }: PhaseRequest): Readonly<Record<string, Phase>> {
  const batch = Math.ceil(count / 30)
  return {
    'resources read one by one': {
      records: count / 10,
      run: async () => {
        for (const number of numbers(Math.ceil(count / 10))) {
          await store.resources.get({ ...scope, externalId: idOf(number * 2 + 1) })
        }
      },
    },
    'resources listed page by page': {
      records: count,
      run: async () => {
        let after: string | undefined
        for (;;) {
          const found = await store.resources.find({
            ...scope,
            stale: false,
            limit: batch,
            ...(after !== undefined && { after: { resourceType: scope.resourceType, externalId: after } }),
          })
          after = found.at(-1)?.externalId
          if (found.length < batch) return
        }
      },
    },
    'the change log read page by page': {
      records: 6 * count,
      run: async () => {
        for (let after = 0; ; ) {
          const changes = await store.changes.read({ scope, after, limit: batch })
          if (changes.length === 0) return
          after += changes.length
        }
      },
    },
    'quarantine read page by page': {
      records: count,
      run: async () => {
        let before: number | undefined
        for (;;) {
          const query = { scope, limit: Math.ceil(batch / 10), ...(before !== undefined && { before }) }
          const found = await store.quarantine.list(query)
          before = found.at(-1)?.entryId
          if (found.length === 0) return
        }
      },
    },
    'changes, messages and marks forgotten': {
      records: 6 * count,
      run: async () => {
        for (let done = false; !done; ) {
          ;({ done } = await store.changes.prune({ scope, olderThanMs: -1, limit: 2 }))
        }
        for (let done = false; !done; ) {
          done =
            (await store.webhooks?.prune({ olderThanMs: -1, limit: Math.ceil(batch / 10) }))?.done ?? true
        }
      },
    },
  }
}
