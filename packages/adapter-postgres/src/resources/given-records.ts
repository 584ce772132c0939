import { type RawBuilder, sql } from 'kysely'
import { type ArrayEncoding, optionalText } from '../arrays.ts'
import type { RowWrite } from './row-write.ts'

/** Records as a table `g` with the columns of a row: one parameter per column, however many there are. */
export const givenRecords = (arrays: ArrayEncoding, writes: readonly RowWrite[]): RawBuilder<unknown> =>
  sql`unnest(${arrays.uuid(writes.map(({ resourceId }) => resourceId))},
    ${arrays.text(writes.map(({ externalId }) => externalId))},
    ${arrays.text(writes.map(({ record }) => record.displayName))},
    ${optionalText(
      arrays,
      writes.map(({ record }) => record.email),
    )},
    ${arrays.json(writes.map(({ record }) => record.attributesJson))},
    ${optionalText(
      arrays,
      writes.map(({ record }) => record.parent?.resourceType ?? null),
    )},
    ${optionalText(
      arrays,
      writes.map(({ record }) => record.parent?.externalId ?? null),
    )},
    ${arrays.text(writes.map(({ record }) => record.hash))}) with ordinality
    as g(id, external_id, display_name, email, attributes, parent_resource_type, parent_external_id, hash, place)`
