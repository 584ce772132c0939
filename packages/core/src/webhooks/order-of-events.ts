import type { EventMark, ResourceEvent } from '../model/webhook.ts'
import type { EventState } from '../ports/webhook-store.ts'

/** Largest assumed difference between upstream's clock and the store's. */
const toleranceMs = 300_000

/**
 * Order of an event and the stored state.
 * - newer: the event describes a later state of the resource
 * - older: the event describes an earlier state of the resource
 * - unknown: neither is proven
 */
export type EventOrder = 'newer' | 'older' | 'unknown'

/** Mark of an event. An instant in the future is left out: it would outdate every later event. */
export function markOf({ version, occurredAt }: ResourceEvent, now: Date): EventMark {
  const at = occurredAt === undefined ? undefined : new Date(occurredAt)
  const known = at && at.getTime() <= now.getTime() + toleranceMs
  return { ...(version !== undefined && { version }), ...(known && { occurredAt: at }) }
}

/**
 * Compares an event with the stored state. The mark is compared by version where both have one, else by time. A write
 * that has no mark, such as a listing, is compared by time, within the tolerance of the clocks. Pure.
 */
export function orderOf(event: EventMark, { mark, resource }: EventState): EventOrder {
  const beside = mark ? compare(event, mark) : undefined
  if (beside !== undefined && beside < 0) return 'older'
  const listedAt = resource && later(resource.syncedAt, resource.staleSince)
  const writtenAt = later(listedAt, mark?.at)
  const isAfterAll = writtenAt === undefined || isAfter(event, writtenAt)
  if (!mark || beside === undefined) return isAfterAll ? 'newer' : 'unknown'
  if (beside === 0) return 'unknown'
  // The mark describes the resource until a listing has confirmed, changed or missed it.
  const listedSince = listedAt !== undefined && listedAt > mark.at
  return isAfterAll || (isExact(event, mark) && !listedSince) ? 'newer' : 'unknown'
}

/** Where the stored state comes from: an event's own data, or upstream's response to `get`. */
export type StateSource = 'event' | 'upstream'

/**
 * Mark of the stored state after an event was applied: the later of both marks, field by field, so that every earlier
 * event stays older. It is a lower bound unless the event itself gave the field by which marks are compared.
 */
export function laterMark(event: EventMark, mark: EventMark | undefined, source: StateSource): EventMark {
  const highest = Math.max(event.version ?? -1, mark?.version ?? -1)
  const version = highest >= 0 ? highest : undefined
  const occurredAt = later(event.occurredAt, mark?.occurredAt)
  const isOwn =
    version === undefined ? event.occurredAt?.getTime() === occurredAt?.getTime() : event.version === version
  return {
    ...(version !== undefined && { version }),
    ...(occurredAt && { occurredAt }),
    ...((source === 'upstream' || !isOwn) && { isLowerBound: true }),
  }
}

/** Undefined where the marks have no field in common. */
function compare(event: EventMark, mark: EventMark): number | undefined {
  if (event.version !== undefined && mark.version !== undefined) return event.version - mark.version
  if (!event.occurredAt || !mark.occurredAt) return undefined
  return event.occurredAt.getTime() - mark.occurredAt.getTime()
}

/** Whether an event after the mark is newer than the state. The time of a mark with a version may be an earlier event's. */
const isExact = (event: EventMark, mark: EventMark): boolean =>
  mark.isLowerBound !== true && (mark.version === undefined || event.version !== undefined)

const isAfter = ({ occurredAt }: EventMark, instant: Date): boolean =>
  occurredAt !== undefined && occurredAt.getTime() > instant.getTime() + toleranceMs

function later(left: Date | undefined, right: Date | undefined): Date | undefined {
  if (!left || !right) return left ?? right
  return left > right ? left : right
}
