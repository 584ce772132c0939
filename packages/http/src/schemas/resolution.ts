import { z } from 'zod'
import { boundedList } from './bounded-list.ts'

/** Id of a match row. */
export const matchId = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'must be the id of a match row')
  .meta({ description: 'Id of a match row.' })

const userId = z.string().min(1).max(255).meta({ description: 'A user of the host.' })
const notes = z.string().max(10_000).optional().meta({ description: 'Why, for whoever reads it later.' })

const link = { action: z.literal('link'), userId, notes }
const skip = { action: z.literal('skip'), notes }
const create = { action: z.literal('create'), notes }

/** What an operator decides about a row. Who decides is the principal. */
export const resolution = z
  .discriminatedUnion('action', [z.strictObject(link), z.strictObject(skip), z.strictObject(create)])
  .meta({ id: 'Resolution' })

const matchIds = boundedList(matchId, 10_000)

/** One decision about many rows. */
export const bulkResolution = z
  .discriminatedUnion('action', [
    z.strictObject({ matchIds, ...link }),
    z.strictObject({ matchIds, ...skip }),
  ])
  .meta({ id: 'BulkResolution' })
