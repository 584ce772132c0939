import { createSyncline, type PageAhead, type PageCommit, type Store } from '@syncline/core'
import { memoryStore } from '@syncline/core/memory'
import { fakeClock, pagesOf, scriptedConnector } from '@syncline/testing'
import { expect, test } from 'vitest'
import { people, users } from '../scenarios/stage.ts'

/** A store that notes what it is told, and stores a page only once the page after it was encoded. */
function patientStore(store: Store) {
  const ahead: PageAhead[] = []
  const commits: PageCommit[] = []
  const waiting: (() => void)[] = []
  const { resources } = store
  const patient: Store = {
    ...store,
    resources: {
      ...resources,
      async encodeAhead(page, turn) {
        await turn()
        ahead.push(page)
        for (const goOn of waiting.splice(0)) goOn()
      },
      async commitPage(commit) {
        commits.push(commit)
        const isLast = commits.length === 3
        if (!isLast && ahead.length <= commits.length) await new Promise<void>((goOn) => waiting.push(goOn))
        return resources.commitPage(commit)
      },
    },
  }
  return { store: patient, ahead, commits }
}

test('a page is encoded while the page before it is being stored, and committed with the same list and lease', async () => {
  const clock = fakeClock()
  const { store, ahead, commits } = patientStore(memoryStore({ clock }))
  const connector = scriptedConnector({ resourceTypes: { user: { pages: pagesOf(people(6), 2) } }, clock })
  const syncline = createSyncline({ store, clock, connectorTypes: [connector] })
  await syncline.connectors.save({ connectorId: users.connectorId, type: connector.type })
  expect(await syncline.sync(users)).toMatchObject({ status: 'success', stats: { added: 6 } })
  expect(ahead).toHaveLength(3)
  for (const [place, page] of ahead.entries()) {
    expect(page.records).toBe(commits[place]?.records)
    expect(page.lease).toBe(commits[place]?.lease)
  }
})
