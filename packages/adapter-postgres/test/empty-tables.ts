/** Rows belong to no table by foreign key; everything else hangs on connectors. */
export const emptyTables =
  'truncate syncline.connector_definition, syncline.resource_row restart identity cascade'
