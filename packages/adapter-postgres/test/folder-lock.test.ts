import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedStore } from '@syncline/adapter-postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

describe('the folder of an embedded database', () => {
  let parent: string
  let dataDir: string

  beforeAll(() => {
    parent = mkdtempSync(join(tmpdir(), 'syncline-lock-'))
    dataDir = join(parent, 'data')
  })
  afterAll(() => rmSync(parent, { recursive: true, force: true }))

  test('is refused to a second opener while the first has it open, and free after close', async () => {
    const first = await openEmbeddedStore({ dataDir })
    await expect(openEmbeddedStore({ dataDir })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      details: { owner: process.pid },
    })
    await first.connectors.save({
      connectorId: 'c',
      tenantId: 't',
      type: 'x',
      name: 'c',
      config: {},
      status: 'active',
    })
    await first.close()
    const second = await openEmbeddedStore({ dataDir })
    expect(await second.connectors.get('c')).toMatchObject({ type: 'x' })
    await second.close()
    expect(existsSync(`${dataDir}.lock`)).toBe(false)
  })

  test('that a dead process left locked is taken over', async () => {
    const child = spawn(process.execPath, ['-e', ''])
    await once(child, 'exit')
    writeFileSync(`${dataDir}.lock`, String(child.pid))
    const store = await openEmbeddedStore({ dataDir })
    expect(await store.connectors.get('c')).toBeDefined()
    await store.close()
  })
})
