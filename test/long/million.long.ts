import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { SyncStats } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import { emptyServerDatabase, serverIsAvailable } from '../../test-support/server-database.ts'

interface Pass {
  readonly pass: string
  readonly seconds: number
  readonly status: string
  readonly stats: SyncStats
  readonly timings: Record<string, number>
  readonly samples: readonly { readonly rssMb: number; readonly pageMs: number }[]
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
/** Medians of ten equal parts: the curve without the noise. */
const curve = (values: readonly number[]): number[] =>
  Array.from({ length: 10 }, (_, part) =>
    median(values.slice((part * values.length) / 10, ((part + 1) * values.length) / 10)),
  )
const rounded = (values: readonly number[]): string => values.map((value) => value.toFixed(1)).join(' ')

describe.skipIf(!serverIsAvailable())('a million records on PostgreSQL', () => {
  test('leave memory flat and the last pages as fast as the first', async () => {
    const records = Number(process.env.SYNCLINE_RECORDS ?? 1_000_000)
    const database = await emptyServerDatabase({ migrated: true })
    const passes: Pass[] = []
    const { promise, resolve } = Promise.withResolvers<number | null>()
    const child = fork(join(import.meta.dirname, 'million.child.ts'), [database.url, String(records)], {
      execArgv: ['--conditions=@syncline/source'],
      stdio: 'inherit',
    })
    child.on('message', (message) => passes.push(message as Pass))
    child.on('exit', resolve)
    expect(await promise).toBe(0)
    await database.drop()

    for (const { pass, seconds, timings, samples } of passes) {
      const rss = curve(samples.map(({ rssMb }) => rssMb))
      const pace = curve(samples.map(({ pageMs }) => pageMs))
      console.log(
        `${pass}: ${records} records in ${seconds.toFixed(1)} s, ${Math.round(records / seconds)} a second`,
      )
      console.log(`  resident MB by tenth: ${rounded(rss)}`)
      console.log(`  ms a page by tenth:   ${rounded(pace)}`)
      console.log(`  stages: ${JSON.stringify(timings)}`)
      expect(
        Math.max(...rss.slice(5)) - Math.max(...rss.slice(2, 5)),
        'growth in the second half, MB',
      ).toBeLessThan(64)
      expect(median(pace.slice(5)) / median(pace.slice(1, 5)), 'slow-down over the run').toBeLessThan(2)
    }
    expect(passes.map(({ stats }) => [stats.added, stats.unchanged])).toEqual([
      [records, 0],
      [0, records],
    ])
  }, 1_800_000)
})
