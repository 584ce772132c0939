import { SyncError } from '@syncline/core'
import { z } from 'zod'
import type { ConnectorContract } from './contract.ts'
import type { PageAsked } from './listing-contract.ts'
import type { Reply } from './reply.ts'

const isFunction = z.custom((value) => typeof value === 'function', 'must be a function')
const path = z.string().regex(/^\/[^?#]*$/, 'must be a path such as /people')
const leastSecretLength = 16
const secret = z.string().min(leastSecretLength)
const texts = z.record(z.string(), z.string())
const request = { method: z.enum(['GET', 'POST']).optional(), path, query: z.array(z.string()).optional() }

const replySchema = z
  .strictObject({
    status: z.number().int().min(200).max(599).optional(),
    headers: texts.optional(),
    json: z.unknown().optional(),
    text: z.string().optional(),
  })
  .refine(({ json, text }) => json === undefined || text === undefined, 'json and text exclude each other')

const listing = z.strictObject({
  ...request,
  asks: isFunction.optional(),
  paging: z.enum(['token', 'offset', 'page']),
  end: z.enum(['said', 'short_page', 'empty_page']).optional(),
  maxPageSize: z.number().int().positive().optional(),
  shortPages: z.boolean().optional(),
  incremental: z.boolean().optional(),
  expired: replySchema.optional(),
  ids: z.union([z.enum(['text', 'number']), isFunction]).optional(),
  reads: isFunction,
  answers: isFunction,
  item: isFunction,
  expects: isFunction.optional(),
  samples: z
    .array(
      z.strictObject({
        item: z.json(),
        record: z.strictObject({
          externalId: z.string().min(1),
          displayName: z.string(),
          email: z.string().nullable(),
        }),
      }),
    )
    .min(1),
})

const contractSchema = z.strictObject({
  config: isFunction,
  refusedConfigs: z.array(z.strictObject({ config: z.json(), message: z.string().min(1) })).min(1),
  credential: z
    .strictObject({
      secrets: z
        .record(z.string(), secret)
        .refine((secrets) => Object.keys(secrets).length > 0, 'name at least one secret'),
      identifiers: texts.optional(),
      accepts: isFunction,
      refusal: replySchema.optional(),
      forbidden: replySchema.optional(),
      renews: z.boolean().optional(),
    })
    .optional(),
  check: z.boolean().optional(),
  listings: z
    .record(z.string(), listing)
    .refine((listings) => Object.keys(listings).length > 0, 'name at least one resource type'),
  endpoints: z
    .array(z.strictObject({ ...request, guarded: z.boolean().optional(), reply: isFunction }))
    .optional(),
  throttles: z.record(z.string(), isFunction).optional(),
  rateLimits: z
    .array(z.strictObject({ limit: z.number().int().positive(), perMs: z.number().positive() }))
    .optional(),
})

const wholeNumber = z.preprocess(
  (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
  z.number().int().nonnegative().nullish(),
)

const askedSchema = z
  .strictObject({
    token: z.string().nullish(),
    offset: wholeNumber,
    page: wholeNumber,
    limit: wholeNumber,
    modifiedSince: z
      .union([z.date(), z.string().transform((text) => new Date(text))])
      .refine((date) => !Number.isNaN(date.getTime()), 'must be an instant')
      .nullish(),
  })
  .refine(
    ({ token, offset, page }) => [token, offset, page].filter((at) => at != null).length <= 1,
    'token, offset and page exclude each other',
  )

/** What a request asks for, checked. */
export type CheckedPageAsked = z.output<typeof askedSchema>

/** @throws OPTIONS_INVALID when the contract has another shape: where and what */
export const checkContract = (contract: ConnectorContract): void =>
  void check(contractSchema, contract, 'The contract')

/** @throws OPTIONS_INVALID, naming the function that answered so */
export const checkAsked = (asked: PageAsked, where: string): CheckedPageAsked =>
  check(askedSchema, asked, where)

/** @throws OPTIONS_INVALID, naming the function that answered so */
export const checkReply = (reply: Reply, where: string): Reply => {
  check(replySchema, reply, where)
  return reply
}

function check<Output>(schema: z.ZodType<Output>, value: unknown, where: string): Output {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'value'}: ${issue.message}`)
  throw new SyncError('OPTIONS_INVALID', `${where}: ${issues.join('; ')}`)
}
