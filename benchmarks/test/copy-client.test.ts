import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { emptyServerDatabase, serverIsAvailable } from '../../test-support/server-database.ts'
import { hasPsql, nodeClient, psqlClient } from '../src/server/copy-client.ts'

const clients = [psqlClient, nodeClient]

describe.skipIf(!serverIsAvailable()).each(clients)('$name', (client) => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'syncline-copy-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  test.skipIf(client === psqlClient && !hasPsql())('copies rows out and in and counts them', async () => {
    const database = await emptyServerDatabase({ migrated: false })
    const file = join(folder, 'rows.txt')
    await database.query(`create table source (id int, text text)`)
    await database.query(`create table target (id int, text text)`)
    await database.query(`insert into source select n, 'a	b' from generate_series(1, 3000) n`)
    await client.copyOut({ url: database.url, query: 'select id, text from source', file })
    const connection = await client.connect(database.url)
    expect(await connection.copyIn('target (id, text)', file)).toBe(3_000)
    await connection.close()
    const { rows } = await database.query(
      'select count(*)::int as same from source join target using (id, text)',
    )
    expect(rows).toEqual([{ same: 3_000 }])
    await database.drop()
  })

  test.skipIf(client === psqlClient && !hasPsql())('says so when a copy fails', async () => {
    const database = await emptyServerDatabase({ migrated: false })
    const connection = await client.connect(database.url)
    await expect(connection.copyIn('missing (id)', join(folder, 'none.txt'))).rejects.toThrow(
      /missing|no such file/i,
    )
    await connection.close()
    await database.drop()
  })
})
