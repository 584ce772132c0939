import { SyncError } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import { refreshDueAt } from '../../src/credentials/refresh-due.ts'
import { acme, setCredentialStage } from './credential-stage.ts'

const minute = 60_000
const hour = 60 * minute

/** A stage whose credential ends an hour from now, and an endpoint that gives an hour more each time. */
async function hourlyStage() {
  const stage = await setCredentialStage()
  const { clock, store } = stage
  const inAnHour = () => new Date(clock.now().getTime() + hour)
  let calls = 0
  await store.put(acme, { values: { accessToken: 'access-0' }, expiresAt: inAnHour() })
  const exchange = async () => {
    calls += 1
    return { values: { accessToken: `access-${calls}` }, expiresAt: inAnHour() }
  }
  return { ...stage, exchange, calls: () => calls }
}

describe('refreshDueAt', () => {
  const savedAt = new Date(0)
  test.each([
    ['five minutes ahead of the end', hour, 55 * minute],
    ['the last fifth of a short life', 10 * minute, 8 * minute],
    ['at the end of a life that is over before it began', -minute, -minute],
  ])('%s', (_, expires, due) => {
    expect(refreshDueAt({ savedAt, expiresAt: new Date(expires) })).toBe(due)
  })

  test('never, when no end is known', () => {
    expect(refreshDueAt({ savedAt })).toBeUndefined()
  })
})

describe('getFresh', () => {
  test('hands out what is fresh, and refreshes what is about to expire', async () => {
    const { clock, inRun, exchange, calls } = await hourlyStage()
    await inRun(async (credential) => {
      expect((await credential.getFresh(exchange)).values.accessToken).toBe('access-0')
    })
    await clock.advance(55 * minute)
    await inRun(async (credential) => {
      expect((await credential.getFresh(exchange)).values.accessToken).toBe('access-1')
    })
    expect(calls()).toBe(1)
  })

  test('keeps the credential fresh by a timer while a run uses it, and leaves no timer behind', async () => {
    const { clock, inRun, exchange, calls } = await hourlyStage()
    let idle = 0
    await inRun(async (credential) => {
      idle = clock.timers
      await credential.getFresh(exchange)
      expect(clock.timers).toBe(idle + 1)
      await clock.advance(55 * minute)
      expect(calls()).toBe(1)
      await clock.advance(55 * minute)
      expect(calls()).toBe(2)
      expect((await credential.getFresh(exchange)).values.accessToken).toBe('access-2')
      expect(calls()).toBe(2)
    })
    expect(clock.timers).toBe(0)
    await clock.advance(2 * hour)
    expect(calls()).toBe(2)
  })

  test('that fails ahead of expiry hands out what still works, and tries again after a pause', async () => {
    const { clock, inRun } = await hourlyStage()
    let calls = 0
    const fail = async () => {
      calls += 1
      throw new SyncError('UPSTREAM_UNAVAILABLE', 'token endpoint is down')
    }
    await clock.advance(56 * minute)
    await inRun(async (credential) => {
      expect((await credential.getFresh(fail)).values.accessToken).toBe('access-0')
      expect((await credential.getFresh(fail)).values.accessToken).toBe('access-0')
      expect(calls).toBe(1)
      await clock.advance(30_000)
      await credential.getFresh(fail)
      expect(calls).toBe(2)
      await clock.advance(4 * minute)
      await expect(credential.getFresh(fail)).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
    })
  })
})
