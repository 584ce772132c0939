/** Rows belong to no table by foreign key; everything else hangs on connectors. Faster than `truncate`. */
export const emptyTables =
  'with gone as (delete from syncline.resource_row) delete from syncline.connector_definition'
