import { createDirectory, startUpstream, type Upstream } from '@syncline/testing/upstream'
import { describe, expect, test } from 'vitest'
import { get } from './reading.ts'

const longMs = 600_000

function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
}

/** Resolves when the upstream has received its next request. */
const received = (upstream: Upstream): Promise<void> =>
  new Promise((resolve) => {
    upstream.directory.onRequest(() => resolve())
  })

describe('close', () => {
  test.each(['slow_headers', 'slow_body'] as const)('ends answers with %s and their timers', async (kind) => {
    const before = timers()
    const upstream = await startUpstream({
      directory: createDirectory(),
      faults: [{ effect: { kind, delayMs: longMs } }],
    })
    const arrived = received(upstream)
    const body = get(upstream, '/users').then((response) => response.text())
    body.catch(() => undefined)
    await arrived
    await upstream.close()
    await expect(body).rejects.toThrow(TypeError)
    expect(timers()).toBeLessThanOrEqual(before)
  })

  test('ends idle connections, can be repeated, and nobody listens afterwards', async () => {
    const upstream = await startUpstream({ directory: createDirectory(), latencyMs: 1 })
    await (await get(upstream, '/users')).text()
    await Promise.all([upstream.close(), upstream.close()])
    await upstream.close()
    await expect(get(upstream, '/users')).rejects.toThrow('fetch failed')
  })

  test('of one upstream leaves another one alone', async () => {
    const directory = createDirectory()
    const [one, other] = await Promise.all([startUpstream({ directory }), startUpstream({ directory })])
    expect(one.url).not.toBe(other.url)
    await one.close()
    expect((await get(other, '/users')).status).toBe(200)
    await other.close()
  })
})
