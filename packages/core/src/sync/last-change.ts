import { isSyncError } from '../errors.ts'
import type { Scope } from '../model/scope.ts'
import type { ChangeLog } from '../ports/change-log.ts'

/**
 * Finds the position of the last change of a scope; 0 without one. Positions have no gaps, so a gallop and a bisection
 * find it with few reads.
 * @param from a position that is known to be reached
 */
export async function lastChangeAfter(changes: ChangeLog, scope: Scope, from: number): Promise<number> {
  let reached = from
  let step = 1
  let missing = Number.POSITIVE_INFINITY
  while (reached + 1 < missing) {
    const next = missing === Number.POSITIVE_INFINITY ? reached + step : Math.floor((reached + missing) / 2)
    const position = await changeAfter(changes, scope, next - 1)
    if (position === undefined) missing = next
    else reached = position
    step *= 2
  }
  return reached
}

/** Position after `after` that was reached: of the next change, or the last one that was pruned. */
async function changeAfter(changes: ChangeLog, scope: Scope, after: number): Promise<number | undefined> {
  try {
    const [change] = await changes.read({ scope, after, limit: 1 })
    return change?.position
  } catch (error) {
    const oldest = isSyncError(error, 'CHANGES_EXPIRED') ? Number(error.details?.oldest) : Number.NaN
    if (!(oldest > after + 1)) throw error
    return oldest - 1
  }
}
