/** Where a run is read. */
export const runPath = { path: '/connectors/:connectorId/runs/:runId' } as const
