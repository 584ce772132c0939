import { type RawBuilder, sql } from 'kysely'
import { jsonTextArray, optionalTextArray, textArray, uuidArray } from '../array-literals.ts'
import type { RowWrite } from './row-write.ts'

/** Records as a table `g` with the columns of a row: one parameter per column, however many there are. */
export const givenRecords = (writes: readonly RowWrite[]): RawBuilder<unknown> =>
  sql`unnest(${uuidArray(writes.map(({ resourceId }) => resourceId))},
    ${textArray(writes.map(({ externalId }) => externalId))},
    ${textArray(writes.map(({ displayName }) => displayName))},
    ${optionalTextArray(writes.map(({ email }) => email))},
    ${jsonTextArray(writes.map(({ attributesJson }) => attributesJson))},
    ${optionalTextArray(writes.map(({ parent }) => parent?.resourceType ?? null))},
    ${optionalTextArray(writes.map(({ parent }) => parent?.externalId ?? null))},
    ${textArray(writes.map(({ hash }) => hash))})
    as g(id, external_id, display_name, email, attributes, parent_resource_type, parent_external_id, hash)`
