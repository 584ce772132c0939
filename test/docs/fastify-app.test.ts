import { type ChildProcess, spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { createSynclineClient, type RunEvent, type SynclineClient } from '@syncline/client'
import { describe, expect, onTestFinished, test } from 'vitest'
import { findRedis, startRedis } from '../../test-support/redis/start-redis.ts'
import { emptyServerDatabase, serverIsAvailable } from '../../test-support/server-database.ts'

const example = join(import.meta.dirname, '../../examples/fastify-app/fastify-app.ts')

interface RunningHost {
  readonly url: string
  readonly printed: string
  readonly webhookSecret: string
  readonly acme: SynclineClient
  readonly globex: SynclineClient
  /** @returns its exit code, and all that it printed */
  stop(): Promise<{ readonly code: number | null; readonly printed: string; readonly complained: string }>
}

/** The example as a process of its own, once it has said where it is. */
async function startHost(environment: Readonly<Record<string, string>>): Promise<RunningHost> {
  const env = { ...process.env, DATABASE_URL: '', REDIS_URL: '', PORT: '0', ...environment }
  const child = spawn(process.execPath, ['--conditions=@syncline/source', example], { env })
  onTestFinished(() => void child.kill('SIGKILL'))
  const output = collectOutput(child)
  await output.until(/Ctrl-C drains/)
  const { printed } = output
  const found = (pattern: RegExp): string => pattern.exec(printed())?.[1] ?? ''
  const url = found(/Syncline on (\S+): /)
  const connect = (tenant: string): SynclineClient => {
    const token = found(new RegExp(`Token of an operator of tenant ${tenant}: (\\S+)`))
    return createSynclineClient({ baseUrl: `${url}/api`, headers: { authorization: `Bearer ${token}` } })
  }
  return {
    url,
    printed: printed(),
    webhookSecret: found(/Webhook secret of globex-scim: (\S+)/),
    acme: connect('acme'),
    globex: connect('globex'),
    async stop() {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      const [code] = (await exited) as [number | null]
      return { code, printed: printed(), complained: output.complained() }
    },
  }
}

function collectOutput(child: ChildProcess) {
  let printed = ''
  let complained = ''
  const watchers = new Set<() => void>()
  const notify = (): void => watchers.forEach((watcher) => watcher())
  child.stdout?.on('data', (data) => {
    printed += String(data)
    notify()
  })
  child.stderr?.on('data', (data) => {
    complained += String(data)
  })
  child.once('exit', notify)
  return {
    printed: () => printed,
    complained: () => complained,
    until: (pattern: RegExp) =>
      new Promise<void>((resolve, reject) => {
        const watch = (): void => {
          if (pattern.test(printed)) resolve()
          else if (child.exitCode !== null) reject(new Error(`It ended: ${printed}${complained}`))
        }
        watchers.add(watch)
        watch()
      }),
  }
}

/** What an operator of each tenant and an upstream do. */
async function useHost({ url, acme, globex, printed, webhookSecret }: RunningHost): Promise<void> {
  expect(printed.match(/^ {2}curl /gm)).toHaveLength(3)
  expect((await fetch(`${url}/docs/`)).headers.get('content-type')).toMatch(/^text\/html/)
  expect(await (await fetch(`${url}/api/openapi.json`)).json()).toMatchObject({ openapi: '3.1.0' })

  const people = { connectorId: 'acme-authifi', resourceType: 'user' }
  const accepted = await acme.triggerSync(people, { respondAsync: true })
  const told: RunEvent[] = []
  const runId = accepted.completed ? '' : accepted.runId
  for await (const event of acme.streamRunEvents({ connectorId: 'acme-authifi', runId })) told.push(event)
  expect(told.at(-1)).toMatchObject({ event: 'finished', run: { status: 'success', stats: { added: 6 } } })
  const { data } = await acme.listResources({ connectorId: 'acme-authifi', type: 'user', search: 'ada' })
  expect(data).toMatchObject([{ displayName: 'Ada Lovelace', email: 'ada.lovelace@acme.example' }])

  await expect(globex.listResources({ connectorId: 'acme-authifi' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
  const stranger = createSynclineClient({
    baseUrl: `${url}/api`,
    headers: { authorization: 'Bearer e30.e30.' },
  })
  await expect(stranger.getSyncStatus(people)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })

  for (const [resourceType, added] of [
    ['user', 5],
    ['group', 2],
  ] as const) {
    const synced = await globex.triggerSync({ connectorId: 'globex-scim', resourceType })
    expect(synced).toMatchObject({ completed: true, stats: { added } })
  }
  const { etag } = await globex.getSyncConfig({ connectorId: 'globex-scim', resourceType: 'group' })
  const group = { connectorId: 'globex-scim', resourceType: 'group' }
  await globex.putSyncConfig({ ...group, enabled: false }, { ifMatch: etag })
  const webhook = signed(webhookSecret, { action: 'deleted', resourceType: 'user', resourceId: 'u-5' })
  const sender = createSynclineClient({ baseUrl: `${url}/api` })
  expect(await sender.receiveWebhook(webhook.message, { headers: webhook.headers })).toMatchObject({
    // The event does not say when it was: upstream is asked, and still has them.
    status: 'unchanged',
  })
  expect(await globex.listResources({ connectorId: 'globex-scim', type: 'user' })).toMatchObject({ total: 5 })
}

function signed(secret: string, event: object) {
  const body = JSON.stringify(event)
  const time = Math.floor(Date.now() / 1_000)
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const signature = createHmac('sha256', key).update(`m-1.${time}.${body}`).digest('base64')
  return {
    message: { connectorId: 'globex-scim', body },
    headers: { 'webhook-id': 'm-1', 'webhook-timestamp': `${time}`, 'webhook-signature': `v1,${signature}` },
  }
}

describe('examples/fastify-app', () => {
  test('one command starts it on embedded defaults; it serves its tenants, and drains on SIGTERM', async () => {
    const host = await startHost({})
    expect(host.printed).toContain('PGlite in memory, queue and cache of this process')
    await useHost(host)
    expect(await host.stop()).toMatchObject({
      code: 0,
      printed: expect.stringMatching(/\nDrained\n$/),
      complained: '',
    })
  })
})

const redisFile = findRedis()

describe.skipIf(!serverIsAvailable() || !redisFile)('examples/fastify-app on servers', () => {
  test('PostgreSQL and Redis are used where the environment names them', async () => {
    const [database, redis] = await Promise.all([
      emptyServerDatabase({ migrated: false }),
      startRedis(redisFile ?? ''),
    ])
    try {
      const host = await startHost({ DATABASE_URL: database.url, REDIS_URL: redis.url })
      expect(host.printed).toContain('PostgreSQL, BullMQ, cache and limits on Redis')
      await useHost(host)
      expect(await host.stop()).toMatchObject({ code: 0, complained: '' })
    } finally {
      await redis.stop()
      await database.drop()
    }
  })
})
