import type { RunStore } from '@syncline/core'
import type { StoreContext } from '../context.ts'
import { openOwnedScope } from '../scope-lock.ts'
import { abandonRun, insertRun } from './insert-run.ts'
import { readScopeState } from './read-scope-state.ts'

/** Begins a run in one transaction, exclusive per tenant and per scope. */
export const beginRun =
  ({ database, tables }: StoreContext): RunStore['begin'] =>
  async (request, decide) => {
    const { tenantId } = request
    let refusedBy: { readonly error: unknown } | undefined
    try {
      return await database.write(async (session) => {
        const scope = await openOwnedScope(session, tables, request)
        const state = await readScopeState(session, tables, { scope, tenantId })
        const decision = attempt(
          () => decide(state),
          (error) => {
            refusedBy = { error }
          },
        )
        if (decision.kind === 'refuse') return { kind: 'refused', error: decision.error }
        const { run } = decision
        if (state.running && decision.abandonRunning) {
          await abandonRun(session, tables, { abandoned: state.running, successor: run })
        }
        const started = await insertRun(session, tables, {
          scope,
          tenantId,
          run,
          plan: decision.plan,
        })
        return { kind: 'started', run: started }
      })
    } catch (error) {
      // What the caller's own function threw is the caller's.
      throw refusedBy ? refusedBy.error : error
    }
  }

function attempt<Answer>(work: () => Answer, failed: (error: unknown) => void): Answer {
  try {
    return work()
  } catch (error) {
    failed(error)
    throw error
  }
}
