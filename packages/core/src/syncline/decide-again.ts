import { isSyncError, SyncError } from '../errors.ts'
import type { SyncConfig } from '../model/sync-config.ts'
import type { ConfigCondition } from './syncline.ts'

/** Nobody edits the settings of one scope so often; the host hears of it if somebody does. */
const maxAttempts = 10

/**
 * Does what was decided on settings, and decides again on newer ones when they are others at the moment of the write:
 * edits of two people at once are both kept.
 */
export async function decideAgain<Answer>(attempt: () => Promise<Answer>): Promise<Answer> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt()
    } catch (error) {
      if (!isStoreConflict(error) || attempts === maxAttempts) throw error
    }
  }
}

/** A condition of the caller's that does not hold is final; one of the store's is not. */
class ConditionFailed extends SyncError {}

const isStoreConflict = (error: unknown): boolean =>
  isSyncError(error, 'PRECONDITION_FAILED') && !(error instanceof ConditionFailed)

/** @throws PRECONDITION_FAILED */
export function requireCondition(
  before: Pick<SyncConfig, 'revision'> | undefined,
  { ifRevision }: ConfigCondition = {},
): void {
  if (ifRevision === undefined || holds(before?.revision, ifRevision)) return
  const found = before ? 'they are others by now' : 'there are none'
  const wanted = ifRevision === 'none' ? 'there are some already' : found
  throw new ConditionFailed('PRECONDITION_FAILED', `The settings are not those of the condition: ${wanted}`)
}

function holds(revision: string | undefined, wanted: NonNullable<ConfigCondition['ifRevision']>): boolean {
  if (wanted === 'none') return revision === undefined
  if (revision === undefined) return false
  return wanted === 'any' || wanted.includes(revision)
}
