import { describe, inject } from 'vitest'
import { scenarioGroups } from '../src/scenarios/index.ts'
import { everyFigure } from './every-figure.ts'

describe.skipIf(inject('databaseUrl') === null)('benchmark', async () => {
  await everyFigure(scenarioGroups)
})
