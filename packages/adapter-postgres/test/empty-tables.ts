/** Everything hangs on connectors. */
export const emptyTables = 'truncate syncline.connector_definition restart identity cascade'
