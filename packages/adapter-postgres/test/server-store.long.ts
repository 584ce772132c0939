import { postgresStore } from '@syncline/adapter-postgres'
import { testStore } from '@syncline/testing'
import type pg from 'pg'
import { describe } from 'vitest'
import { serverIsAvailable } from '../../../test-support/server-database.ts'
import { composeStore } from '../src/compose-store.ts'
import { largeWays } from './large-ways.ts'
import { withoutAutovacuum } from './statistics/without-autovacuum.ts'
import { suitesOnServer } from './suites-on-server.ts'

const onPool = (pool: pg.Pool) => postgresStore({ pool })

describe.skipIf(!serverIsAvailable())('a store on a PostgreSQL server', () => {
  suitesOnServer(testStore, { 'whose statistics were never taken': onPool }, [withoutAutovacuum])
  suitesOnServer(testStore, { 'whose statistics are of empty tables': onPool }, [
    withoutAutovacuum,
    'vacuum analyze',
  ])

  suitesOnServer(testStore, {
    'that copies every new row and splits pages at two records': (pool) => composeStore({ pool }, largeWays),
  })
})
