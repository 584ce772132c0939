import { expect } from 'vitest'

/** What every run of a scenario with stale rows commits. */
const expected = [
  'runs.begin',
  'resources.commitPage',
  'resources.closeListing',
  'resources.markStale',
  'resources.purgeStale',
  'runs.finish',
]

/** The transactions of a run that nothing disturbs, up to its end; whatever follows is not the run's. */
export function transactionsOfRun(dryRun: readonly string[]): readonly string[] {
  const run = dryRun.slice(0, dryRun.indexOf('runs.finish') + 1)
  expect([...new Set(run)], 'every kind of commit is there').toEqual(expected)
  return run
}
