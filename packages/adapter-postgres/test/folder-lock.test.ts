import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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

  test('that a killed process left is opened by exactly one of two that come at once', async () => {
    const open = (then: 'die' | 'stay') =>
      spawn(
        process.execPath,
        ['--conditions=@syncline/source', join(import.meta.dirname, 'open-folder.child.ts'), dataDir, then],
        { stdio: ['pipe', 'pipe', 'inherit'] },
      )
    const killed = open('die')
    await once(killed, 'exit')
    expect(existsSync(`${dataDir}.lock`)).toBe(true)
    const both = [open('stay'), open('stay')]
    const told = await Promise.all(
      both.map(async ({ stdout }) => String((await once(stdout, 'data'))[0]).trim()),
    )
    expect(told.toSorted()).toEqual(['STORE_UNAVAILABLE', 'opened'])
    for (const one of both) one.stdin.end()
    await Promise.all(both.map(async (one) => one.exitCode ?? once(one, 'exit')))
    expect(existsSync(`${dataDir}.lock`)).toBe(false)
  })

  test('that was lost to another process takes no statement more', async () => {
    const store = await openEmbeddedStore({ dataDir })
    const lock = readFileSync(`${dataDir}.lock`, 'utf8')
    writeFileSync(`${dataDir}.lock`, lock.replace('"pid"', '"formerPid"'))
    await expect(store.connectors.list({})).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    writeFileSync(`${dataDir}.lock`, lock)
    expect(await store.connectors.list({})).toHaveLength(1)
    await store.close()
  })
})
