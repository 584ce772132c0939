import { describe, expect, test } from 'vitest'
import { acme, setCredentialStage } from './credential-stage.ts'

const first = { accessToken: 'access-1', refreshToken: 'refresh-1' }
const second = { accessToken: 'access-2', refreshToken: 'refresh-2' }

/** What a refresh stores where upstream says that about the new tokens. */
async function refreshTo(exchanged: object) {
  const { syncline, store, inRun } = await setCredentialStage()
  const { version } = await syncline.credentials.save({ ref: 'acme', values: first })
  await inRun(async (credential) => {
    await credential.refresh(version, async () => exchanged as never)
  })
  return store.read(acme)
}

describe('new tokens', () => {
  test.each([
    ['an instant that is none', new Date(Number.NaN)],
    ['a year beyond 9999', new Date(1_795_262_430_000 * 1_000)],
    ['a year before 1', new Date(-8e15)],
    ['a number', 1_795_262_430_000],
    ['text', '2026-01-01T00:00:00Z'],
    ['null', null],
  ])('are stored when they expire at %s, which counts as unknown', async (_, expiresAt) => {
    const stored = await refreshTo({ values: second, expiresAt })
    expect(stored?.values).toEqual(second)
    expect(stored?.expiresAt).toBeUndefined()
  })

  test('are stored without values beside them that cannot be', async () => {
    const stored = await refreshTo({ values: { ...second, scope: '', count: 3, 'not a name': 'x' } })
    expect(stored?.values).toEqual(second)
  })

  test('keep an expiry that can be', async () => {
    const expiresAt = new Date('9999-12-31T23:59:59.999Z')
    expect((await refreshTo({ values: second, expiresAt }))?.expiresAt).toEqual(expiresAt)
  })
})

test('a credential that is saved with an impossible expiry is refused', async () => {
  const { syncline } = await setCredentialStage()
  for (const expiresAt of [new Date(Number.NaN), new Date(8e15)]) {
    await expect(syncline.credentials.save({ ref: 'acme', values: first, expiresAt })).rejects.toMatchObject({
      code: 'CREDENTIAL_INVALID',
    })
  }
})
