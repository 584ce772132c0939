import { openEmbeddedStore } from '@syncline/adapter-postgres'
import type { OpenWork } from '../processes/work.ts'
import { people } from '../upstream/prepared-connector.ts'
import { pgliteInput, temporaryFolder, timed } from './pglite-timings.ts'
import { prepare, requireSuccess } from './syncline-pass.ts'

/** The library on its embedded store: a first load and an unchanged pass. */
export const open: OpenWork = async (input) => {
  const { records } = pgliteInput.parse(input)
  const folder = temporaryFolder()
  const store = await openEmbeddedStore({ dataDir: folder.path })
  const syncline = await prepare(store, () => ({ records, steps: [] }))
  const counts: number[] = []
  const pass = () =>
    timed(async () => {
      const { stats } = requireSuccess(await syncline.sync(people))
      counts.push(stats.added, stats.unchanged)
    })
  let facts = {}
  return {
    async warmUp() {},
    async run() {
      facts = { first: await pass(), unchanged: await pass() }
    },
    async facts() {
      const { total } = await syncline.resources.list({ ...people, stale: false, pageSize: 1 })
      return { ...facts, counts: [...counts, total] }
    },
    async close() {
      await store.close()
      folder.remove()
    },
  }
}
