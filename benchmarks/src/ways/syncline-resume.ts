import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline } from '@syncline/core'
import type { OpenWork } from '../processes/work.ts'
import { people, preparedConnector } from '../upstream/prepared-connector.ts'
import { heldRecords, numbersOf, type ReadRecords } from '../upstream/upstream-state.ts'
import { pageSize, passInput } from './pass-input.ts'
import { factsOf, lastPosition, warmUp } from './syncline-pass.ts'

/** A first load that is cut when half of the pages were listed, and the run that goes on from there. */
export const open: OpenWork = async (input) => {
  const { url, warmUpUrl, warmUpRecords, state } = passInput.parse(input)
  const store = await openPostgresStore({ connectionString: url, migrate: true })
  const cut = new AbortController()
  const half = Math.floor(numbersOf(state) / 2)
  let listed = 0
  const held = heldRecords(state, pageSize)
  const read: ReadRecords = (asked, start, size) => {
    listed++
    if (start >= half) cut.abort()
    return held(asked, start, size)
  }
  const connector = preparedConnector(() => state, read)
  const syncline = createSyncline({ store, connectorTypes: [connector] })
  await syncline.connectors.save({ connectorId: people.connectorId, type: connector.type })
  await syncline.configs.save({ ...people, pageSize })
  let runs = {}
  return {
    warmUp: () => warmUp(warmUpUrl, warmUpRecords),
    async run() {
      const first = await syncline.sync({ ...people, signal: cut.signal })
      const second = await syncline.sync(people)
      runs = { cut: first.status, resumed: second.resumedFrom === first.runId, ...factsOf(second) }
    },
    facts: async () => ({ ...runs, listed, changes: await lastPosition(syncline) }),
    close: () => store.close(),
  }
}
