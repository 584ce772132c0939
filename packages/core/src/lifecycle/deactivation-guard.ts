import type { DeactivationVerdict } from '../model/post-sync-run.ts'
import type { DeactivationGuard } from '../model/post-sync-settings.ts'

/**
 * Many leavers at once are an alarm, never an instruction: trips when more users would be deactivated than
 * max(`minUsers`, `percent` of those linked through the scope), or than `maxUsers`.
 */
export function judgeDeactivations(
  { linked, candidates }: { readonly linked: number; readonly candidates: number },
  guard: DeactivationGuard | null,
): DeactivationVerdict {
  const share = guard && Math.max(guard.minUsers, Math.floor((linked * guard.percent) / 100))
  const limit = share === null ? Math.max(linked, candidates) : Math.min(share, guard?.maxUsers ?? share)
  return { linked, candidates, limit, tripped: candidates > limit }
}
