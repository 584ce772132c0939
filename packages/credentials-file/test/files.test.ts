import { fork } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { takeFileLock } from '@syncline/core/locking'
import { fileCredentialStore } from '@syncline/credentials-file'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const acme = { tenantId: 'default', ref: 'acme' }
let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'syncline-credentials-'))
  path = join(folder, 'credentials.json')
})
afterEach(() => rmSync(folder, { recursive: true }))

const writeByHand = (content: unknown) => writeFileSync(path, JSON.stringify(content), { mode: 0o600 })

describe('the file', () => {
  test('is made with mode 0600, and nothing else is left beside it', async () => {
    await fileCredentialStore({ path }).put(acme, { values: { apiKey: 'key' } })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['credentials.json'])
  })

  test.each([0o640, 0o604, 0o620, 0o666])(
    'that others may use (mode %o) is refused and left alone',
    async (mode) => {
      writeByHand({ credentials: [{ ref: 'acme', values: { apiKey: 'key' } }] })
      chmodSync(path, mode)
      const before = readFileSync(path, 'utf8')
      const store = fileCredentialStore({ path })
      await expect(store.read(acme)).rejects.toMatchObject({
        code: 'CREDENTIAL_UNREADABLE',
        message: expect.stringContaining(`chmod 600 ${path}`),
      })
      await expect(store.put(acme, { values: { apiKey: 'new' } })).rejects.toMatchObject({
        code: 'CREDENTIAL_UNREADABLE',
      })
      expect(readFileSync(path, 'utf8')).toBe(before)
    },
  )

  test('may be written by hand: a reference and values, literal or from the environment', async () => {
    writeByHand({ credentials: [{ ref: 'acme', values: { user: 'sync', apiKey: { env: 'ACME_API_KEY' } } }] })
    const store = fileCredentialStore({ path, environment: { ACME_API_KEY: 'from outside' } })
    expect(await store.read(acme)).toMatchObject({
      version: 1,
      values: { user: 'sync', apiKey: 'from outside' },
    })
  })

  test('keeps a value of the environment there when a refresh does not change it', async () => {
    writeByHand({
      credentials: [{ ref: 'acme', values: { clientSecret: { env: 'SECRET' }, token: { env: 'TOKEN' } } }],
    })
    const store = fileCredentialStore({
      path,
      environment: { SECRET: 'canary-secret', TOKEN: 'canary-token' },
    })
    await store.claimRefresh({ id: acme, version: 1, holder: 'h', leaseMs: 1_000 })
    await store.completeRefresh({ id: acme, version: 1, holder: 'h', values: { token: 'token-2' } })
    expect(readFileSync(path, 'utf8')).not.toContain('canary')
    expect((await store.read(acme))?.values).toEqual({ clientSecret: 'canary-secret', token: 'token-2' })
  })

  test('whose variable is not set is CREDENTIAL_UNREADABLE for that credential only, and not claimed', async () => {
    writeByHand({
      credentials: [
        { ref: 'acme', values: { apiKey: { env: 'MISSING' } } },
        { ref: 'other', values: { apiKey: 'key' } },
      ],
    })
    const store = fileCredentialStore({ path })
    const before = readFileSync(path, 'utf8')
    await expect(store.read(acme)).rejects.toMatchObject({ code: 'CREDENTIAL_UNREADABLE' })
    await expect(store.claimRefresh({ id: acme, version: 1, holder: 'h', leaseMs: 1 })).rejects.toMatchObject(
      { code: 'CREDENTIAL_UNREADABLE' },
    )
    expect(await store.read({ ...acme, ref: 'other' })).toBeDefined()
    expect(readFileSync(path, 'utf8')).toBe(before)
  })

  test('keeps being found through a symbolic link after a write', async () => {
    writeByHand({ credentials: [{ ref: 'acme', values: { apiKey: 'key' } }] })
    const link = join(folder, 'link.json')
    symlinkSync(path, link)
    await fileCredentialStore({ path: link }).put(acme, { values: { apiKey: 'new' } })
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect((await fileCredentialStore({ path }).read(acme))?.values).toEqual({ apiKey: 'new' })
  })

  test('in a folder that all may write to is refused', async () => {
    writeByHand({ credentials: [{ ref: 'acme', values: { apiKey: 'key' } }] })
    chmodSync(folder, 0o777)
    await expect(fileCredentialStore({ path }).read(acme)).rejects.toMatchObject({
      code: 'CREDENTIAL_UNREADABLE',
      message: expect.stringContaining(`chmod o-w ${folder}`),
    })
  })

  test('takes no value from what every object has', async () => {
    writeByHand({ credentials: [{ ref: 'acme', values: { apiKey: { env: 'constructor' } } }] })
    await expect(fileCredentialStore({ path, environment: {} }).read(acme)).rejects.toMatchObject({
      code: 'CREDENTIAL_UNREADABLE',
    })
  })

  test('stays readable when a refresh brings an expiry that no calendar has', async () => {
    writeByHand({ credentials: [{ ref: 'acme', values: { token: 'one' } }] })
    const store = fileCredentialStore({ path })
    for (const [version, odd] of ['+058858-01-01T00:00:00.000Z', 'no date'].entries()) {
      const held = { id: acme, version: version + 1, holder: 'h' }
      await store.claimRefresh({ ...held, leaseMs: 1_000 })
      await store.completeRefresh({ ...held, values: { token: odd }, expiresAt: new Date(odd) })
      expect((await fileCredentialStore({ path }).read(acme))?.values).toEqual({ token: odd })
    }
  })

  test.each([
    'canary-not-json',
    '{"credentials":{"canary":1}}',
    '{"credentials":[{"ref":"a","values":{"k":7,"canary":"x"}}]}',
  ])('that is none is CREDENTIAL_UNREADABLE, and its content is not quoted: %s', async (content) => {
    writeFileSync(path, content, { mode: 0o600 })
    const failure = await fileCredentialStore({ path })
      .read(acme)
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'CREDENTIAL_UNREADABLE' })
    expect(String(failure)).not.toContain('canary')
  })
})

describe('the lock', () => {
  let now = 0
  const clock = {
    now: () => new Date(now),
    sleep: async (ms: number) => void (now += ms),
    after: () => () => {},
  }

  test('of a process that was killed in a write is taken over', async () => {
    const killed = fork(join(import.meta.dirname, 'hold.child.ts'), [`${path}.lock`], {
      execArgv: ['--conditions=@syncline/source'],
    })
    await once(killed, 'exit')
    expect(existsSync(`${path}.lock`)).toBe(true)
    await fileCredentialStore({ path }).put(acme, { values: { apiKey: 'key' } })
    expect(existsSync(`${path}.lock`)).toBe(false)
  })

  test('of a living process is waited for, then named', async () => {
    const lock = await takeFileLock({ file: `${path}.lock`, clock, waitMs: 0, heartbeat: false })
    await expect(
      fileCredentialStore({ path, clock }).put(acme, { values: { apiKey: 'key' } }),
    ).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining(`process ${process.pid}`),
      details: { file: `${path}.lock` },
    })
    if (!('heldBy' in lock)) await lock.release()
  })

  test('lets no write of several processes be lost', async () => {
    const children = [0, 1, 2].map((child) =>
      fork(join(import.meta.dirname, 'put.child.ts'), [path, String(child)], {
        execArgv: ['--conditions=@syncline/source'],
      }),
    )
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]))
    expect(codes).toEqual([0, 0, 0])
    const listed = await fileCredentialStore({ path }).list({})
    expect(listed).toHaveLength(60)
    expect(new Set(listed.map(({ version }) => version)).size).toBe(60)
    expect(readdirSync(folder)).toEqual(['credentials.json'])
  })
})
