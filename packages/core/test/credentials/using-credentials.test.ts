import { type CredentialStore, SyncError } from '@syncline/core'
import { chaosPort } from '@syncline/testing'
import { describe, expect, test } from 'vitest'
import { acme, rotatingEndpoint, setCredentialStage, users } from './credential-stage.ts'

const minute = 60_000
const first = { accessToken: 'access-1', refreshToken: 'refresh-1' }
const rejected = (message: string) => new SyncError('CREDENTIAL_REJECTED', message)

describe('get', () => {
  test('answers what is stored', async () => {
    const { syncline, inRun } = await setCredentialStage()
    await syncline.credentials.save({ ref: 'acme', values: first })
    await inRun(async (credential) => expect((await credential.get()).values).toEqual(first))
  })

  test('asks the store at most once in five minutes, and once for those who ask at the same time', async () => {
    let reads = 0
    const count = (store: CredentialStore): CredentialStore => ({
      ...store,
      read: (id) => {
        reads += 1
        return store.read(id)
      },
    })
    const { clock, syncline, store, inRun } = await setCredentialStage({ wrap: count })
    await store.put(acme, { values: first })
    await inRun(async (credential) => {
      await syncline.credentials.save({ ref: 'acme', values: first })
      reads = 0
      await Promise.all(Array.from({ length: 20 }, () => credential.get()))
      await clock.advance(5 * minute - 1)
      await credential.get()
      expect(reads).toBe(1)
      await clock.advance(1)
      await credential.get()
      expect(reads).toBe(2)
    })
  })

  test('sees a credential that this process saves at once, and reload one that another saves', async () => {
    const { syncline, store, inRun } = await setCredentialStage()
    await syncline.credentials.save({ ref: 'acme', values: first })
    await inRun(async (credential) => {
      await credential.get()
      await syncline.credentials.save({ ref: 'acme', values: { accessToken: 'saved here' } })
      expect((await credential.get()).values).toEqual({ accessToken: 'saved here' })
      await store.put(acme, { values: { accessToken: 'saved elsewhere' } })
      expect((await credential.get()).values).toEqual({ accessToken: 'saved here' })
      expect((await credential.reload()).values).toEqual({ accessToken: 'saved elsewhere' })
      expect((await credential.get()).values).toEqual({ accessToken: 'saved elsewhere' })
    })
  })

  test('throws CREDENTIAL_NOT_FOUND where there is none; the run can be resumed', async () => {
    const { syncline, inRun } = await setCredentialStage()
    await expect(inRun(async (credential) => void (await credential.get()))).rejects.toMatchObject({
      code: 'CREDENTIAL_NOT_FOUND',
    })
    const status = await syncline.status(users)
    expect(status).toMatchObject({ status: 'error', credential: 'missing', latestRun: { resumable: true } })
  })

  test('throws CREDENTIAL_NOT_FOUND when the host gave no credential store', async () => {
    const { another, inRun } = await setCredentialStage()
    const without = another({ withoutStore: true })
    await expect(inRun(async (credential) => void (await credential.get()), without)).rejects.toMatchObject({
      code: 'CREDENTIAL_NOT_FOUND',
      message: expect.stringContaining('give createSyncline a credential store'),
    })
    expect((await without.status(users)).credential).toBeUndefined()
    await expect(without.credentials.list()).rejects.toMatchObject({ code: 'OPTIONS_INVALID' })
  })
})

describe('status', () => {
  test('says so when the credential cannot be read', async () => {
    const { syncline, inRun } = await setCredentialStage({
      wrap: (store) => ({
        ...store,
        list: async () => {
          throw new SyncError('CREDENTIAL_UNREADABLE', 'others may use the file')
        },
      }),
    })
    await inRun(async () => {})
    expect(await syncline.status(users)).toMatchObject({ status: 'error', credential: 'unreadable' })
  })
})

describe('refresh', () => {
  test('is one exchange for all who ask in this process', async () => {
    const { syncline, inRun } = await setCredentialStage()
    const { version } = await syncline.credentials.save({ ref: 'acme', values: first })
    const endpoint = rotatingEndpoint(rejected)
    await inRun(async (credential) => {
      const asked = Array.from({ length: 50 }, () => credential.refresh(version, endpoint.exchange))
      const answers = await Promise.all(asked)
      expect(new Set(answers.map(({ values }) => values.accessToken))).toEqual(new Set(['access-2']))
    })
    expect(endpoint.calls).toBe(1)
  })

  test('of two processes is one exchange; the other waits for its outcome', async () => {
    const { clock, syncline, inRun, another } = await setCredentialStage()
    const { version } = await syncline.credentials.save({ ref: 'acme', values: first })
    const endpoint = rotatingEndpoint(rejected)
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
    const slow = async (current: { readonly values: Readonly<Record<string, string>> }) => {
      const values = await endpoint.exchange(current)
      await answered
      return values
    }
    const one = inRun(async (credential) => void (await credential.refresh(version, slow)))
    const seen: (string | undefined)[] = []
    const two = inRun(async (credential) => {
      seen.push((await credential.refresh(version, slow)).values.accessToken)
    }, another())
    await clock.nextSleep()
    answer()
    await one
    await clock.advance(1_000)
    await two
    expect(seen).toEqual(['access-2'])
    expect(endpoint.calls).toBe(1)
  })

  test('of a version that was replaced already answers the newer one without an exchange', async () => {
    const { syncline, store, inRun } = await setCredentialStage()
    const { version } = await syncline.credentials.save({ ref: 'acme', values: first })
    await inRun(async (credential) => {
      await credential.get()
      await store.put(acme, { values: { accessToken: 'newer' } })
      const refreshed = await credential.refresh(version, async () => {
        throw new Error('must not be called')
      })
      expect(refreshed.values).toEqual({ accessToken: 'newer' })
    })
  })

  test('keeps the values that the exchange does not name', async () => {
    const { syncline, inRun } = await setCredentialStage()
    const { version } = await syncline.credentials.save({ ref: 'acme', values: first })
    await inRun(async (credential) => {
      const exchange = async () => ({ values: { accessToken: 'access-2' } })
      const { values } = await credential.refresh(version, exchange)
      expect(values).toEqual({ accessToken: 'access-2', refreshToken: 'refresh-1' })
    })
  })

  test('that upstream refuses for good marks the credential, is announced once, and is not tried again', async () => {
    const { syncline, sink, inRun } = await setCredentialStage()
    const { version } = await syncline.credentials.save({
      ref: 'acme',
      values: { ...first, refreshToken: 'revoked' },
    })
    const endpoint = rotatingEndpoint(rejected)
    for (let round = 0; round < 3; round++) {
      await expect(
        inRun(async (credential) => void (await credential.refresh(version, endpoint.exchange))),
      ).rejects.toMatchObject({ code: 'CREDENTIAL_REAUTH_REQUIRED' })
    }
    expect(endpoint.calls).toBe(1)
    expect(sink.of('credential.reauth_required')).toEqual([
      expect.objectContaining({ ...acme, reason: 'rejected' }),
    ])
    expect(await syncline.status(users)).toMatchObject({ status: 'error', credential: 'reauth_required' })
    expect(await syncline.credentials.list()).toMatchObject([{ ref: 'acme', state: 'reauth_required' }])

    await syncline.credentials.save({ ref: 'acme', values: first })
    await inRun(async (credential) => void (await credential.get()))
    expect(await syncline.status(users)).toMatchObject({ status: 'success', credential: 'active' })
  })

  test('that fails otherwise leaves the credential as it is; the next one tries again', async () => {
    const { syncline, inRun } = await setCredentialStage()
    const { version } = await syncline.credentials.save({ ref: 'acme', values: first })
    const down = new SyncError('UPSTREAM_UNAVAILABLE', 'token endpoint is down')
    const fail = async () => {
      throw down
    }
    for (let round = 0; round < 5; round++) {
      await expect(
        inRun(async (credential) => void (await credential.refresh(version, fail))),
      ).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
    }
    const endpoint = rotatingEndpoint(rejected)
    await inRun(async (credential) => void (await credential.refresh(version, endpoint.exchange)))
    expect(await syncline.status(users)).toMatchObject({ credential: 'active' })
  })

  test('that answers nonsense saves nothing', async () => {
    const { syncline, store, inRun } = await setCredentialStage()
    const { version } = await syncline.credentials.save({ ref: 'acme', values: first })
    const nonsense = async () => ({ values: JSON.parse('{"accessToken":null}') })
    await expect(
      inRun(async (credential) => void (await credential.refresh(version, nonsense))),
    ).rejects.toMatchObject({ code: 'CREDENTIAL_INVALID' })
    expect((await store.read(acme))?.version).toBe(version)
  })

  test('that does not end in time is given up; an answer that comes after all is saved', async () => {
    const { clock, syncline, store, inRun } = await setCredentialStage()
    const { version } = await syncline.credentials.save({ ref: 'acme', values: first })
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
    const began = Promise.withResolvers<AbortSignal>()
    const running = inRun(async (credential) => {
      await credential.refresh(version, async (_, signal) => {
        began.resolve(signal)
        await answered
        return { values: { accessToken: 'late' } }
      })
    })
    const refusal = running.catch((error: unknown) => error)
    const signal = await began.promise
    await clock.advance(20_000)
    expect(await refusal).toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
    expect(signal.aborted).toBe(true)
    answer()
    await expect.poll(async () => (await store.read(acme))?.values.accessToken).toBe('late')
  })

  test('goes on when its run is cancelled, and stop waits until its answer is saved', async () => {
    const { syncline, store, inRun } = await setCredentialStage()
    const { version } = await syncline.credentials.save({ ref: 'acme', values: first })
    const began = Promise.withResolvers<void>()
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
    const running = inRun(async (credential) => {
      await credential.refresh(version, async () => {
        began.resolve()
        await answered
        return { values: { accessToken: 'in hand' } }
      })
    })
    await began.promise
    const ending = running.catch((error: unknown) => error)
    const stopping = syncline.stop()
    expect(await ending).toMatchObject({ code: 'STOPPED' })
    answer()
    await stopping
    expect((await store.read(acme))?.values.accessToken).toBe('in hand')
  })

  test('whose values cannot be saved does not let them out, either', async () => {
    const { syncline, inRun } = await setCredentialStage({
      wrap: (store) => ({
        ...store,
        async completeRefresh({ values }) {
          throw new Error(`cannot store ${values.accessToken}`)
        },
      }),
    })
    const { version } = await syncline.credentials.save({ ref: 'acme', values: first })
    const endpoint = rotatingEndpoint(rejected)
    await expect(
      inRun(async (credential) => void (await credential.refresh(version, endpoint.exchange))),
    ).rejects.toThrow('cannot store [redacted]')
  })

  test('waits for another process no longer when this one is stopped', async () => {
    const { clock, store, syncline, inRun } = await setCredentialStage()
    const { version } = await store.put(acme, { values: first })
    await store.claimRefresh({ id: acme, version, holder: 'another', leaseMs: 30_000 })
    const running = inRun(async (credential) => {
      await credential.refresh(version, async () => ({ values: {} }))
    }).catch((error: unknown) => error)
    await clock.nextSleep()
    await syncline.stop()
    expect(await running).toMatchObject({ code: 'STOPPED' })
    expect(clock.sleepers).toBe(0)
  })

  test('saves its answer while the store comes and goes', async () => {
    let fired = () => false
    const { clock, syncline, store, inRun } = await setCredentialStage({
      wrap(inner) {
        const chaos = chaosPort(inner, { method: 'completeRefresh', call: 1, when: 'before', kind: 'fail' })
        fired = () => chaos.fired
        return chaos.port
      },
    })
    const { version } = await syncline.credentials.save({ ref: 'acme', values: first })
    const endpoint = rotatingEndpoint(rejected)
    const running = inRun(async (credential) => void (await credential.refresh(version, endpoint.exchange)))
    await clock.nextSleep()
    await clock.advance(1_000)
    await running
    expect(fired()).toBe(true)
    expect(endpoint.calls).toBe(1)
    expect((await store.read(acme))?.values.accessToken).toBe('access-2')
  })
})

describe('a process that dies between the answer and its saving', () => {
  /** Dies at its first `completeRefresh`, with new values in hand. */
  const dying = (inner: CredentialStore) =>
    chaosPort(inner, { method: 'completeRefresh', call: 1, when: 'before', kind: 'cut' }).port

  test('is surfaced as reauth_required when upstream refuses the old values, not looped', async () => {
    const dead = await setCredentialStage({ wrap: dying })
    const { version } = await dead.store.put(acme, { values: first })
    const endpoint = rotatingEndpoint(rejected)
    const refresh = (stage: typeof dead) =>
      stage.inRun(async (credential) => void (await credential.refresh(version, endpoint.exchange)))
    await expect(refresh(dead)).rejects.toThrow('The process died')
    expect(endpoint.calls).toBe(1)

    const living = await setCredentialStage({ wrap: () => dead.store })
    await dead.clock.advance(31_000)
    for (let round = 0; round < 3; round++) {
      await expect(refresh(living)).rejects.toMatchObject({ code: 'CREDENTIAL_REAUTH_REQUIRED' })
    }
    expect(endpoint.calls).toBe(2)
    expect(living.sink.of('credential.reauth_required')).toHaveLength(1)
  })

  test('again and again is given up after the third exchange, whatever upstream says', async () => {
    const { clock, store, inRun, sink } = await setCredentialStage()
    const { version } = await store.put(acme, { values: first })
    for (let death = 1; death <= 3; death++) {
      await store.claimRefresh({ id: acme, version, holder: `dead-${death}`, leaseMs: 30_000 })
      await clock.advance(31_000)
    }
    let calls = 0
    const exchange = async () => ({ values: { accessToken: `access-${++calls}` } })
    await expect(
      inRun(async (credential) => void (await credential.refresh(version, exchange))),
    ).rejects.toMatchObject({ code: 'CREDENTIAL_REAUTH_REQUIRED' })
    expect(calls).toBe(0)
    expect(sink.of('credential.reauth_required')).toMatchObject([{ reason: 'unfinished' }])
  })

  test('before it asked upstream costs nothing: the old values still work', async () => {
    const { clock, store, inRun } = await setCredentialStage()
    const { version } = await store.put(acme, { values: first })
    await store.claimRefresh({ id: acme, version, holder: 'dead', leaseMs: 30_000 })
    await clock.advance(31_000)
    const endpoint = rotatingEndpoint(rejected)
    await inRun(async (credential) => {
      expect((await credential.refresh(version, endpoint.exchange)).values.accessToken).toBe('access-2')
    })
  })
})
