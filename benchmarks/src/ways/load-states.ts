import { openPostgresStore } from '@syncline/adapter-postgres'
import { people } from '../upstream/prepared-connector.ts'
import type { UpstreamState } from '../upstream/upstream-state.ts'
import { prepare, requireSuccess } from './syncline-pass.ts'

/** Lets the library follow an upstream through these states, unmeasured; `between` is called before each but the first. */
export async function loadStates(
  url: string,
  states: readonly UpstreamState[],
  between: () => Promise<unknown> = async () => {},
): Promise<void> {
  const store = await openPostgresStore({ connectionString: url, migrate: true })
  let current: UpstreamState = { records: 0, steps: [] }
  const syncline = await prepare(store, () => current)
  for (const [place, state] of states.entries()) {
    if (place > 0) await between()
    current = state
    requireSuccess(await syncline.sync(people))
  }
  await store.close()
}
