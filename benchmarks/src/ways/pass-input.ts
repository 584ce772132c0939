import { z } from 'zod'

const state = z.object({
  records: z.number(),
  steps: z.array(z.enum(['mixed', 'tenth-changed', 'hundredth-gone'])).readonly(),
})

/** What a measured pass over an upstream is told; the same for every way. */
export const passInput = z.object({
  url: z.string(),
  warmUpUrl: z.string(),
  warmUpRecords: z.number(),
  state,
})

export type PassInput = z.infer<typeof passInput>

/** Records in a page and in a batch, for every way. */
export const pageSize = 1_000
