import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { migrate } from '@syncline/adapter-postgres'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { postgres, redisServer } from '../scripts/services.mjs'

/** The slow part of PGlite is its initdb: paid once, every test copies the migrated image. */
async function pgliteImage(file: string): Promise<void> {
  const pglite = await PGlite.create()
  await migrate({ pglite })
  const image = await pglite.dumpDataDir('none')
  writeFileSync(file, new Uint8Array(await image.arrayBuffer()))
  await pglite.close()
}

/** A migrated database that tests copy with `create database … template`. */
async function migratedTemplate(url: string, name: string): Promise<void> {
  await withClient(url, (client) => client.query(`create database ${name}`))
  const own = new URL(url)
  own.pathname = `/${name}`
  const pool = new pg.Pool({ connectionString: own.href })
  await migrate({ pool })
  await pool.end()
}

async function withClient<Answer>(
  url: string,
  work: (client: pg.Client) => Promise<Answer>,
): Promise<Answer> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Drops the databases of this test run, whose names begin with the template's; no others. */
const dropDatabases = (url: string, template: string): Promise<void> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      'select datname as name from pg_database where starts_with(datname, $1)',
      [template],
    )
    for (const { name } of rows) await client.query(`drop database if exists ${name} with (force)`)
  })

/** Undefined, with the reason printed, where there is none: tests that need it are skipped, or refused. */
async function find<Found>(what: string, look: () => Promise<Found>): Promise<Found | undefined> {
  try {
    return await look()
  } catch (error) {
    if (process.env.SYNCLINE_REQUIRE_SERVICES === '1') throw error
    console.warn(`Tests that need a ${what} server are skipped: ${String(error)}`)
    return undefined
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'syncline-test-'))
  const image = join(folder, 'pglite.tar')
  const template = `syncline_test_${process.pid}_${Date.now()}`
  const [server, redisFile] = await Promise.all([find('PostgreSQL', postgres), find('Redis', redisServer)])
  await Promise.all([pgliteImage(image), server && migratedTemplate(server.url, template)])
  project.provide('pgliteImage', image)
  project.provide('databaseUrl', server?.url ?? null)
  project.provide('databaseTemplate', template)
  project.provide('redisFile', redisFile ?? null)
  return async () => {
    rmSync(folder, { recursive: true, force: true })
    if (!server) return
    await dropDatabases(server.url, template)
    await server.stop()
  }
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** File with the image of a migrated PGlite. */
    pgliteImage: string
    /** Null when there is no server. */
    databaseUrl: string | null
    /** Name of the migrated database; also how the names of all databases of this test run begin. */
    databaseTemplate: string
    /** The program to start a Redis with; null when there is none. */
    redisFile: string | null
  }
}
