import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileCredentialStore } from '@syncline/credentials-file'
import { fakeClock, testCredentialStore } from '@syncline/testing'
import { describe, test } from 'vitest'

testCredentialStore({
  describe,
  test,
  createStore: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'syncline-credentials-'))
    // Another store of this process holds the lock while files are written: real time for that (a lock
    // file announces nothing), the fake clock for claims.
    const time = fakeClock()
    const clock = { ...time, sleep: () => new Promise<void>((resolve) => setTimeout(resolve, 1)) }
    const path = join(folder, 'credentials.json')
    const open = () => fileCredentialStore({ path, clock })
    return {
      store: open(),
      other: open(),
      timePasses: (ms) => time.advance(ms),
      close: async () => rmSync(folder, { recursive: true }),
    }
  },
})
