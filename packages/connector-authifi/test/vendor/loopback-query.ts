import type { JsonObject } from '@syncline/core'
import { z } from 'zod'

const bound = z.union([z.string(), z.number()])
const filterSchema = z.strictObject({
  where: z.record(z.string(), z.strictObject({ gt: bound.optional(), gte: bound.optional() })).default({}),
  order: z.stringFormat('order', /^\w+ (ASC|DESC)$/).optional(),
  limit: z.coerce.number().int().positive().optional(),
})

/** A LoopBack filter as a server reads it. */
export type ReadFilter = z.output<typeof filterSchema>

/** Reads `filter={"where":…}` and `filter[where][id][gt]=17`. Undefined: it cannot be understood. */
export function readFilter(query: URLSearchParams, name: string): ReadFilter | undefined {
  const bracketed: Record<string, unknown> = {}
  for (const [key, text] of query) {
    if (!key.startsWith(`${name}[`)) continue
    put(
      bracketed,
      [...key.slice(name.length).matchAll(/\[([^\]]*)\]/g)].map(([, part]) => part ?? ''),
      text,
    )
  }
  const text = query.get(name)
  return filterSchema.safeParse(text === null ? bracketed : parseJson(text)).data
}

/** What is left of a list. Without `order` it comes as it is kept. */
export function applyFilter<Item extends JsonObject>(items: readonly Item[], filter: ReadFilter): Item[] {
  const { where, order, limit } = filter
  const conditions = Object.entries(where)
  const matching = items.filter((item) => conditions.every(([field, range]) => isIn(item[field], range)))
  const [field = '', direction] = order?.split(' ') ?? []
  const sign = direction === 'DESC' ? -1 : 1
  const sorted = order
    ? matching.toSorted((one, other) => sign * (Number(one[field]) - Number(other[field])))
    : matching
  return sorted.slice(0, limit)
}

/** In brackets every bound is text. */
function isIn(value: unknown, { gt, gte }: ReadFilter['where'][string]): boolean {
  if (typeof value === 'number') {
    return (gt === undefined || value > Number(gt)) && (gte === undefined || value >= Number(gte))
  }
  if (typeof value !== 'string') return false
  return (gt === undefined || value > String(gt)) && (gte === undefined || value >= String(gte))
}

function put(into: Record<string, unknown>, names: readonly string[], value: string): void {
  const [name = '', ...rest] = names
  if (rest.length === 0) {
    into[name] = value
    return
  }
  const inner = z.record(z.string(), z.unknown()).catch({}).parse(into[name])
  into[name] = inner
  put(inner, rest, value)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
