import { type QuarantinedRecord, quarantineReasons } from '@syncline/core'
import { z } from 'zod'
import { instant } from './instant.ts'

/** A quarantined record as it is answered. */
export const quarantinedRecordDocument = z
  .object({
    id: z.int(),
    connectorId: z.string(),
    resourceType: z.string(),
    externalId: z.string().nullable().meta({ description: 'null when the id itself could not be read.' }),
    reason: z.enum(quarantineReasons),
    detail: z.string().meta({ description: 'Where and what, for a person.' }),
    runId: z.string(),
    generation: z.int(),
    pageNumber: z.int(),
    position: z.int().meta({ description: 'Place within the page, from 0.' }),
    quarantinedAt: instant,
  })
  .meta({ id: 'QuarantinedRecord', description: 'A record that could not be kept, and why.' })

export const toQuarantinedRecordDocument = (
  entry: QuarantinedRecord,
): z.input<typeof quarantinedRecordDocument> => ({
  id: entry.entryId,
  connectorId: entry.connectorId,
  resourceType: entry.resourceType,
  externalId: entry.externalId ?? null,
  reason: entry.reason,
  detail: entry.detail,
  runId: entry.runId,
  generation: entry.generation,
  pageNumber: entry.pageNumber,
  position: entry.position,
  quarantinedAt: entry.quarantinedAt.toISOString(),
})
