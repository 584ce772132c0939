import { describe } from 'vitest'
import { serverIsAvailable } from '../../test-support/server-database.ts'
import { restartAtCommits } from './restart-trials.ts'

describe.skipIf(!serverIsAvailable())('PostgreSQL restarted at every commit of a scheduled sync', () => {
  restartAtCommits(() => true)
})
