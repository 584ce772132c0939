import type { EventMark, ResourceEvent } from '../model/webhook.ts'
import type { EventState } from '../ports/webhook-store.ts'

/** How far upstream's clock may be from the store's. */
const toleranceMs = 300_000

/**
 * newer: what the event says is what the resource is now · older: an event that came before it was newer · unknown: it
 * is one or the other
 */
export type EventOrder = 'newer' | 'older' | 'unknown'

/** Where an event says that it stands. An instant that has not come yet says nothing: it would outdate all others. */
export function markOf({ version, occurredAt }: ResourceEvent, now: Date): EventMark {
  const at = occurredAt === undefined ? undefined : new Date(occurredAt)
  const known = at && at.getTime() <= now.getTime() + toleranceMs
  return { ...(version !== undefined && { version }), ...(known && { occurredAt: at }) }
}

/**
 * Compares an event with what is stored: with the newest event, by version where both have one, else by time; and with
 * what listings have written since, by time, as far as clocks can be trusted. Pure.
 */
export function orderOf(event: EventMark, { mark, resource }: EventState): EventOrder {
  const beside = mark ? compare(event, mark) : undefined
  if (beside !== undefined && beside < 0) return 'older'
  const listedAt = resource && later(resource.syncedAt, resource.staleSince)
  if (beside === undefined) {
    const writtenAt = later(listedAt, mark?.at)
    return writtenAt === undefined || isAfter(event, writtenAt) ? 'newer' : 'unknown'
  }
  if (beside === 0) return 'unknown'
  // The mark speaks for the resource until a listing has confirmed, changed or missed it.
  const listedSince = listedAt !== undefined && mark !== undefined && listedAt > mark.at
  return listedSince && !isAfter(event, listedAt) ? 'unknown' : 'newer'
}

/** The later of both, field by field: whatever was applied, what came before either stays older. */
export function laterMark(event: EventMark, mark: EventMark | undefined): EventMark {
  const version = Math.max(event.version ?? -1, mark?.version ?? -1)
  const occurredAt = later(event.occurredAt, mark?.occurredAt)
  return { ...(version >= 0 && { version }), ...(occurredAt && { occurredAt }) }
}

/** Undefined where they cannot be compared. */
function compare(event: EventMark, mark: EventMark): number | undefined {
  if (event.version !== undefined && mark.version !== undefined) return event.version - mark.version
  if (!event.occurredAt || !mark.occurredAt) return undefined
  return event.occurredAt.getTime() - mark.occurredAt.getTime()
}

const isAfter = ({ occurredAt }: EventMark, instant: Date): boolean =>
  occurredAt !== undefined && occurredAt.getTime() > instant.getTime() + toleranceMs

function later(left: Date | undefined, right: Date | undefined): Date | undefined {
  if (!left || !right) return left ?? right
  return left > right ? left : right
}
