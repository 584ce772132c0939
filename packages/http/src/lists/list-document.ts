import { z } from 'zod'
import { pageQuery } from '../schemas/page-query.ts'

/** Members of the query of a list: a numbered page, or what comes after a cursor. */
export const listQuery = {
  ...pageQuery,
  after: z.string().min(1).max(8_192).optional().meta({
    description:
      '`nextCursor` of an earlier answer: goes on from there, also while rows come and go, as fast at any depth. Not together with `page`.',
  }),
} as const

/** Part of a text, as a person types it. No character has a meaning of its own. */
export const searchText = z
  .string()
  .refine((text) => Array.from(text).length <= 255, 'must have at most 255 characters')
  .optional()

const count = z.int().min(0)

/** The answer of a list. What numbers say of it is absent after a cursor. */
export const listDocument = <Item extends z.ZodType>(item: Item) =>
  z.object({
    data: z.array(item),
    total: count.optional().meta({ description: 'How many there are in all.' }),
    totalIsExact: z.boolean().optional().meta({
      description: 'false: there are at least `total`. A search is counted up to 1,000 matches.',
    }),
    page: count.optional(),
    pageSize: count,
    totalPages: count.optional(),
    nextCursor: z.string().nullable().meta({ description: 'For `after`; null at the end of the list.' }),
  })
