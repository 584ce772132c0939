import { describe } from 'vitest'
import { serverIsAvailable } from '../../test-support/server-database.ts'
import { startTogether } from './starting-together.ts'

describe.skipIf(!serverIsAvailable())('two processes that start together', () => {
  startTogether(200)
})
