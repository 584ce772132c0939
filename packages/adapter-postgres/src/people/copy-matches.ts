import type { MatchWrite, Scope } from '@syncline/core'
import { ByteWriter } from '../byte-writer.ts'
import { copyHeader, copyTrailer } from '../copy-format.ts'
import { writeDocument } from '../stored-documents.ts'
import type { Tables } from '../tables.ts'

const columns = [
  'id',
  'connector_id',
  'resource_type',
  'external_id',
  'connector_resource_id',
  'external_display_name',
  'external_email',
  'user_id',
  'match_status',
  'match_confidence',
  'match_strategy',
  'candidate_user_ids',
  'evidence',
  'problem',
  'resolution_notes',
  'resolved_by',
] as const

export const copyMatchesStatement = (tables: Tables): string =>
  `copy "${tables.schema}"."connector_sync_match" (${columns.join(', ')}) from stdin (format binary)`

const rowsPerPiece = 250
const bytesPerRow = 512

/** A row that an operator resolved at a certain time is not for this COPY. */
export const canBeCopied = ({ resolvedAt }: MatchWrite): boolean => resolvedAt === undefined

/** New rows as a binary COPY takes them, piece by piece. Version and times are their defaults: 1, and now. */
export function* encodeMatches(
  { connectorId, resourceType }: Scope,
  { writes, createId }: { readonly writes: readonly MatchWrite[]; readonly createId: () => string },
): Generator<Uint8Array> {
  yield copyHeader
  for (let first = 0; first < writes.length; first += rowsPerPiece) {
    const writer = new ByteWriter(rowsPerPiece * bytesPerRow)
    for (const write of writes.slice(first, first + rowsPerPiece)) {
      writer.int16(columns.length)
      writer.uuid(createId())
      writer.text(connectorId)
      writer.text(resourceType)
      writer.text(write.externalId)
      writer.uuid(write.connectorResourceId)
      writer.text(write.externalDisplayName)
      writer.text(write.externalEmail ?? null)
      writer.text(write.userId ?? null)
      writer.text(write.matchStatus)
      writer.text(write.matchConfidence)
      writer.text(write.matchStrategy ?? null)
      writer.text(writeDocument(write.candidateUserIds))
      writer.text(writeDocument(write.evidence))
      writer.text(writeDocument(write.problem))
      writer.text(write.resolutionNotes ?? null)
      writer.text(write.resolvedBy ?? null)
    }
    yield writer.end()
  }
  yield copyTrailer
}
