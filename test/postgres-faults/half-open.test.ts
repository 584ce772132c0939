import { describe } from 'vitest'
import { serverIsAvailable } from '../../test-support/server-database.ts'
import { meetSilence } from './half-open-trials.ts'

describe.skipIf(!serverIsAvailable())('a connection that goes silent and stays open, in any call', () => {
  meetSilence(() => true)
})
