import { createSyncline, type Run } from '@syncline/core'
import { scriptedConnector } from '@syncline/testing'
import { expect, test } from 'vitest'
import { runDocument, toRunDocument } from '../src/schemas/run.ts'

async function aRun(): Promise<Run> {
  const connector = scriptedConnector({ resourceTypes: { user: { pages: [[]] } } })
  const syncline = createSyncline({ connectorTypes: [connector] })
  await syncline.connectors.save({ connectorId: 'acme', type: connector.type })
  return syncline.sync({ connectorId: 'acme', resourceType: 'user' })
}

test('what a run keeps for itself never leaves: cursor, lease, fence and tenant', async () => {
  const run = await aRun()
  const cursor = 'canary-cursor'
  const text = JSON.stringify(
    runDocument.parse(
      toRunDocument({ ...run, tenantId: 'canary-tenant', checkpoint: { ...run.checkpoint, cursor } }),
    ),
  )
  expect(text).not.toContain('canary')
  expect(text).not.toMatch(/fencingToken|lease|checkpoint|rules/)
})

test('what went wrong inside is for the log: its message is not shown, also not as progress', async () => {
  const run: Run = { ...(await aRun()), status: 'error' }
  const failed = (code: string): string =>
    JSON.stringify(
      toRunDocument({ ...run, error: { code, message: 'select canary', details: { canary: 1 } } }),
    )
  // The last one is of a release that this one does not know.
  for (const code of [
    'STORE_FAILED',
    'INTERNAL',
    'STORE_UNAVAILABLE',
    'USER_DIRECTORY_FAILED',
    'UNHEARD_OF',
  ]) {
    expect(failed(code)).not.toContain('canary')
    expect(failed(code)).toContain(code)
  }
  expect(failed('UPSTREAM_UNAVAILABLE').match(/select canary/g)).toHaveLength(2)
})
