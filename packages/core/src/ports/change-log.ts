import type { Change } from '../model/change.ts'
import type { Scope } from '../model/scope.ts'

/** The ordered log of what happened to the resources of a scope. */
export interface ChangeLog {
  /**
   * Up to `limit` changes after a position, in order. Reading on from the last position seen never misses a
   * change: positions are gapless and appear in commit order.
   */
  read(request: {
    readonly scope: Scope
    readonly after: number
    readonly limit: number
  }): Promise<readonly Change[]>
}
