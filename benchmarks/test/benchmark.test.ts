import { describe, expect, inject, test } from 'vitest'
import { cacheHits } from '../src/scenarios/cache-hits.ts'
import { hashing } from '../src/scenarios/hashing.ts'
import { passes } from '../src/scenarios/passes.ts'
import { readScenarios } from '../src/scenarios/reads.ts'
import { everyFigure, tiny } from './every-figure.ts'

describe.skipIf(inject('databaseUrl') === null)('benchmark', async () => {
  await everyFigure([passes, hashing, readScenarios, cacheHits])

  test.concurrent('a single lost row ends it', async () => {
    const extraWays = { lossy: import.meta.resolve('./lossy-pass.ts') }
    await expect(tiny({ only: /^first/, records: [1_000], extraWays })).rejects.toThrow(
      'Rows of lossy: found {"ACTIVE live":999}, expected {"ACTIVE live":1000}',
    )
  })
})
