import { z } from 'zod'

/**
 * A list of 1 to `max` items. Its length is checked before its items: one that is too long costs one issue, not one
 * per item.
 */
export const boundedList = <Item extends z.ZodType>(item: Item, max: number) =>
  z.pipe(
    z.transform<z.input<Item>[], z.input<Item>[]>((list, { issues }) => {
      if (!Array.isArray(list) || list.length <= max) return list
      issues.push({ code: 'custom', message: `must have at most ${max} items`, input: list })
      return z.NEVER
    }),
    z.array(item).min(1).max(max),
  )
