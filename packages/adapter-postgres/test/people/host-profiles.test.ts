import type { PGlite } from '@electric-sql/pglite'
import { type PostgresProfileStore, postgresProfileStore } from '@syncline/adapter-postgres'
import { type AttributeSource, defaultTenantId, type FieldChange, type JsonValue } from '@syncline/core'
import { testProfileStore } from '@syncline/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { migratedPglite } from '../../../../test-support/pglite-database.ts'

const ids = ['01890000-0000-7000-8000-000000000001', '01890000-0000-7000-8000-000000000002'] as const
const owner = { tenantId: defaultTenantId }
const source = { source: 'connector', connectorId: 'hr', resourceType: 'user', sourcePath: 'a' } as const
const set = (field: string, to?: JsonValue): FieldChange => ({
  field,
  ...(to !== undefined && { to }),
  source,
})

const profileTable = {
  table: { schema: 'app', name: 'person' },
  columns: {
    userId: 'id',
    attributes: 'extra',
    attributeSources: 'sources',
    fields: { title: 'job_title', department: 'dept' },
  },
}

let pglite: PGlite
beforeAll(async () => {
  pglite = await migratedPglite()
  await pglite.exec(`create schema app; create table app.person (id uuid primary key, job_title varchar(80),
    dept text, extra jsonb, sources json, nickname text)`)
})
afterAll(() => pglite.close())

describe("a host's own table of profiles", () => {
  testProfileStore({
    describe,
    test,
    tenants: 'one',
    createProfiles: async () => {
      await pglite.query('delete from app.person')
      const profiles = postgresProfileStore({ pglite, profiles: profileTable })
      return { profiles, userIds: ids, close: () => profiles.close() }
    },
  })

  describe('with columns of its own', () => {
    let profiles: PostgresProfileStore
    beforeEach(async () => {
      profiles = postgresProfileStore({ pglite, profiles: profileTable })
      await pglite.query('delete from app.person')
      await pglite.query(
        `insert into app.person (id, job_title, extra, nickname) values ($1, 'Boss', '{"level": 3}', 'Jo')`,
        [ids[0]],
      )
    })
    const read = async () => (await profiles.read([ids[0]], owner))[0]
    const write = async (...changes: FieldChange[]) =>
      profiles.write([{ ...owner, userId: ids[0], version: (await read())?.version ?? '', changes }])

    test('fields stand in their columns, all others together; nothing else of the row is touched', async () => {
      expect(await read()).toMatchObject({ attributes: { title: 'Boss', level: 3 }, attributeSources: {} })
      expect(await write(set('title', 'Chief'), set('department', 'R&D'), set('color', ['red']))).toEqual([
        ids[0],
      ])
      const { rows } = await pglite.query('select job_title, dept, extra, nickname from app.person')
      expect(rows).toEqual([
        { job_title: 'Chief', dept: 'R&D', extra: { level: 3, color: ['red'] }, nickname: 'Jo' },
      ])
      const sources: Record<string, AttributeSource> = { title: source, department: source, color: source }
      expect(await read()).toMatchObject({ attributeSources: sources })
      await write(set('title'))
      expect((await read())?.attributes).toEqual({ department: 'R&D', level: 3, color: ['red'] })
    })

    test('a change of the host since the decision is never written over', async () => {
      const version = (await read())?.version ?? ''
      await pglite.query(`update app.person set job_title = 'Owner'`)
      expect(
        await profiles.write([{ ...owner, userId: ids[0], version, changes: [set('title', 'Chief')] }]),
      ).toEqual([])
      expect((await read())?.attributes.title).toBe('Owner')
    })

    test('rows that are the users themselves are not made', async () => {
      const kept = postgresProfileStore({ pglite, profiles: { ...profileTable, insertsRows: false } })
      expect(
        await kept.write([{ ...owner, userId: ids[1], version: '', changes: [set('title', 'Chief')] }]),
      ).toEqual([])
      expect((await pglite.query('select from app.person')).rows).toHaveLength(1)
    })
  })
})
