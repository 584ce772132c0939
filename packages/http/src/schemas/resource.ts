import type { Resource } from '@syncline/core'
import { z } from 'zod'
import { instant } from './instant.ts'

/** A resource as it is answered. */
export const resourceDocument = z
  .object({
    id: z.string(),
    connectorId: z.string(),
    resourceType: z.string(),
    externalId: z.string().meta({ description: 'Id upstream, byte for byte.' }),
    displayName: z.string(),
    email: z.string().nullable(),
    attributes: z
      .record(z.string(), z.unknown())
      .meta({ description: 'Everything else that upstream says.' }),
    parent: z.object({ resourceType: z.string(), externalId: z.string() }).nullable(),
    syncHash: z.string().meta({ description: 'SHA-256 of the canonical record, hexadecimal.' }),
    staleSince: instant.nullable().meta({
      description: 'Since when a complete listing no longer has it; null while it is live.',
    }),
    syncedAt: instant.meta({ description: 'When upstream last confirmed it.' }),
    createdAt: instant,
  })
  .meta({ id: 'Resource', description: 'What is kept of an upstream object.' })

export function toResourceDocument(resource: Resource): z.input<typeof resourceDocument> {
  const { parent } = resource
  return {
    id: resource.resourceId,
    connectorId: resource.connectorId,
    resourceType: resource.resourceType,
    externalId: resource.externalId,
    displayName: resource.displayName,
    email: resource.email,
    attributes: resource.attributes,
    parent: parent ? { resourceType: parent.resourceType, externalId: parent.externalId } : null,
    syncHash: resource.hash,
    staleSince: resource.staleSince?.toISOString() ?? null,
    syncedAt: resource.syncedAt.toISOString(),
    createdAt: resource.createdAt.toISOString(),
  }
}
