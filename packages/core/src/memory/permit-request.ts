import { SyncError } from '../errors.ts'
import type { PermitRequest } from '../ports/rate-limiter.ts'

/** @throws OPTIONS_INVALID */
export function checkPermitRequest({ key, limits, weight = 1, ...times }: PermitRequest): void {
  const refuse = (what: string): never => {
    throw new SyncError('OPTIONS_INVALID', `Rate limit of ${key}: ${what}`, { details: { key } })
  }
  const { windows = [], concurrency, minSpacingMs = 0 } = limits
  if (!isWhole(weight)) refuse('weight must be a positive whole number')
  if (concurrency !== undefined && !isWhole(concurrency))
    refuse('concurrency must be a positive whole number')
  if (!(minSpacingMs >= 0 && Number.isFinite(minSpacingMs))) refuse('minSpacingMs must not be negative')
  for (const ms of [times.maxWaitMs ?? 0, times.holdMs ?? 0])
    if (!(ms >= 0)) refuse('times must not be negative')
  for (const { limit, perMs } of windows) {
    if (!isWhole(limit) || !isWhole(perMs)) refuse('limit and perMs must be positive whole numbers')
    if (weight > limit) refuse(`a request that weighs ${weight} never fits ${limit} per ${perMs} ms`)
  }
}

const isWhole = (value: number): boolean => Number.isSafeInteger(value) && value > 0
