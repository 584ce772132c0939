import type { Change } from '../model/change.ts'
import type { Scope } from '../model/scope.ts'

/** The ordered log of what happened to the resources of a scope. */
export interface ChangeLog {
  /**
   * Up to `limit` changes after a position, in order. Reading on from the last position seen never misses a
   * change: positions are gapless and appear in commit order.
   * @throws CHANGES_EXPIRED when the next change was pruned, with `details.oldest`, the position that is left first
   */
  read(request: {
    readonly scope: Scope
    readonly after: number
    readonly limit: number
  }): Promise<readonly Change[]>
  /**
   * Removes the oldest changes, those made longer than `olderThanMs` ago by store time: up to `limit` at once, whole
   * batches as they were written, so perhaps fewer or more.
   */
  prune(request: {
    readonly scope: Scope
    readonly olderThanMs: number
    readonly limit: number
  }): Promise<{ readonly count: number; readonly done: boolean }>
}
