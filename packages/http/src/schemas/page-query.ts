import { z } from 'zod'

const digits = (most: number) =>
  z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'must be a whole number from 1, in plain digits')
    .transform(Number)
    .refine((value) => value <= most, `must be at most ${most}`)

/** Members of the query of a list in numbered pages. */
export const pageQuery = {
  page: digits(100_000).optional().meta({
    description: 'Number of the page, from 1.',
    default: 1,
    type: 'integer',
    minimum: 1,
    maximum: 100_000,
  }),
  pageSize: digits(2_000).optional().meta({
    description: 'How many a page holds.',
    default: 20,
    type: 'integer',
    minimum: 1,
    maximum: 2_000,
  }),
} as const

/** `true` or `false`, in these letters. */
export const flag = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .meta({ type: 'boolean' })
