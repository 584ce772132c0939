import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

/** Two passes over the same upstream, in a process of their own with its database inside. */
export const pgliteInput = z.object({ records: z.number() })

const timing = z.object({ ms: z.number(), cpuS: z.number() })

/** What the passes took, and what the database holds after them. */
export const pgliteFacts = z.object({ first: timing, unchanged: timing, counts: z.array(z.number()) })

export type Timing = z.infer<typeof timing>

export async function timed(work: () => Promise<unknown>): Promise<Timing> {
  const before = process.cpuUsage()
  const began = performance.now()
  await work()
  const ms = performance.now() - began
  const { user, system } = process.cpuUsage(before)
  return { ms, cpuS: (user + system) / 1e6 }
}

/** A folder for a database, and how to remove it. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'syncline-bench-pglite-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
