import type { PermitRequest } from '@syncline/core'

/** What one of so many processes may use without knowing of the others; a request that fits the whole always fits. */
export function shareOf(request: PermitRequest, processes: number): PermitRequest {
  if (processes === 1) return request
  const { windows, concurrency, minSpacingMs } = request.limits
  const share = (limit: number): number => Math.max(request.weight ?? 1, Math.floor(limit / processes))
  return {
    ...request,
    limits: {
      windows: windows?.map(({ limit, perMs }) => ({ limit: share(limit), perMs })),
      concurrency: concurrency && Math.max(1, Math.floor(concurrency / processes)),
      minSpacingMs: minSpacingMs && minSpacingMs * processes,
    },
  }
}
