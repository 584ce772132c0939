import { expect, inject, test } from 'vitest'
import { type BenchmarkRequest, benchmark } from '../src/benchmark.ts'
import type { ScenarioGroup } from '../src/scenarios/bench.ts'

const database = inject('databaseUrl')

/** Small enough for every test run; its figures mean nothing, its counts are exact all the same. */
export const tiny = (request: Partial<BenchmarkRequest>) =>
  benchmark({ only: /^/, rounds: 1, warmUpRecords: 100, database: database ?? undefined, ...request })

const names = (group: ScenarioGroup): string => group.names.join(', ')

/** Declares a trial of each group that this machine has what it needs for. */
export async function everyFigure(groups: readonly ScenarioGroup[]): Promise<void> {
  const answers = await Promise.all(groups.map(async (group) => (await group.available?.()) ?? true))
  const available = groups.filter((_group, place) => answers[place])
  test.concurrent.each(available.map((group) => [names(group), group] as const))(
    'every count is exact and every figure there: %s',
    async (_names, group) => {
      const steps: number[] = []
      let planned = 0
      const { rows } = await tiny({
        only: new RegExp(`^(${group.names.join('|')})$`),
        records: [group.least ?? 1_000],
        onStep: (step) => {
          steps.push(step.done)
          planned = step.planned
        },
      })
      expect(rows.map(({ scenario }) => scenario)).toEqual(group.names)
      expect(steps).toHaveLength(planned)
      for (const row of rows) {
        expect(row.median_per_s).toBeGreaterThan(0)
        expect(Object.keys(row.ratio_to)).toEqual(Object.keys(row.yardsticks))
        // What has no yardstick is held against bounds of its own.
        expect({ ...row.yardsticks, ...row.extra }).not.toEqual({})
        for (const ratio of Object.values(row.ratio_to)) expect(ratio).toBeGreaterThan(0)
      }
    },
  )
}
