import type { Scope, Store } from '@syncline/core'

/** The schedule of a scope comes due, by database time. */
export async function comeDue(store: Store, of: Scope): Promise<void> {
  for (;;) {
    const { now, scopes } = await store.schedules.list({ scope: of, endedRuns: 1 })
    const [read] = scopes
    if (!read) throw new Error('the scope is not scheduled')
    const plan = { ...read.plan, tickAt: new Date(now.getTime() - 1_000) }
    // A process that plans what follows an ended run may be faster.
    if (await store.schedules.plan({ scope: of, planVersion: read.planVersion, plan })) return
  }
}
