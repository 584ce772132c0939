import type { ResourceQuery } from '@syncline/core'
import { type RawBuilder, sql } from 'kysely'
import type { Tables } from '../tables.ts'

export const isSearch = <Query extends ResourceQuery>(query: Query): query is Query & { search: string } =>
  query.search !== undefined && query.search !== ''

/** Folded by the database, as the rows are: two Unicode versions never meet. */
export const searchPattern = ({ schema }: Tables, search: string): RawBuilder<unknown> =>
  sql`${sql.id(schema, 'fold_case')}(${`%${search.replaceAll(/[\\%_]/g, '\\$&')}%`})`
