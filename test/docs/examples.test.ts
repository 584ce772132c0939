import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { findRedis, startRedis } from '../../test-support/redis/start-redis.ts'
import { emptyServerDatabase, serverIsAvailable } from '../../test-support/server-database.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const printed: Readonly<Record<string, string>> = {
  // Parts of the next one, which runs them.
  'examples/custom-connector/acme-connector.ts': '',
  'examples/custom-connector/acme-vendor.ts': '',
  // A part of the connector's test, which runs with all tests.
  'examples/custom-connector/acme-contract.ts': '',
  'examples/custom-connector/custom-connector.ts': `first: success, full, 5 added, 0 updated, 0 unchanged, 3 pages
one changed: success, incremental, 0 added, 1 updated, 0 unchanged, 1 pages
teams with their members: success, full, 1 added, 0 updated, 0 unchanged, 1 pages
Everyone ["1","2","3","4","5"]
`,
  'examples/change-feed/change-feed.ts': `first sync
  1 created 1
  2 created 2
  3 created 3
one renamed, one gone
  4 updated 2
  5 staled 3
nothing happened
`,
  'examples/postgres-redis/postgres-redis.ts': `Set DATABASE_URL and REDIS_URL to a PostgreSQL and a Redis of yours
`,
}

/** Runs until it is told to stop, see fastify-app.long.ts. */
const server = 'examples/fastify-app/fastify-app.ts'
const examples = globSync('examples/*/*.ts', { cwd: root }).filter(
  (file) => !file.endsWith('.test.ts') && file !== server,
)

test.each(examples)('%s runs and prints what it should', async (example) => {
  const env = { ...process.env, DATABASE_URL: '', REDIS_URL: '' }
  const { stdout } = await run(process.execPath, ['--conditions=@syncline/source', join(root, example)], {
    env,
  })
  expect(stdout).toBe(printed[example])
})

const redisFile = findRedis()

describe.skipIf(!serverIsAvailable() || !redisFile)('examples/postgres-redis', () => {
  test('a worker that is killed with -9 is replaced by another one, and nothing is missing', async () => {
    const [database, redis] = await Promise.all([
      emptyServerDatabase({ migrated: false }),
      startRedis(redisFile ?? ''),
    ])
    try {
      const env = { ...process.env, DATABASE_URL: database.url, REDIS_URL: redis.url }
      const example = join(root, 'examples/postgres-redis/postgres-redis.ts')
      const { stdout } = await run(process.execPath, ['--conditions=@syncline/source', example], { env })
      expect(stdout).toBe(`a worker was killed in the middle of the run
its run ended as RUN_ABANDONED
another worker went on from its checkpoint: success
6 people, as upstream has
`)
    } finally {
      await redis.stop()
      await database.drop()
    }
  })
})

test('a connector for a new API with OAuth, limits and incremental listing takes at most 60 lines', () => {
  const lines = readFileSync(join(root, 'examples/custom-connector/acme-connector.ts'), 'utf8')
    .trimEnd()
    .split('\n')
  expect(lines.length).toBeLessThanOrEqual(60)
})
