import type { EventSink, SyncEvent } from '@syncline/core'

type EventOf<Kind extends SyncEvent['kind']> = Extract<SyncEvent, { readonly kind: Kind }>

/** Keeps every event, to look at afterwards or to wait for. */
export interface RecordingSink {
  /** What the library calls. */
  readonly onEvent: EventSink
  readonly events: readonly SyncEvent[]
  /** The events of one kind so far. */
  of<Kind extends SyncEvent['kind']>(kind: Kind): readonly EventOf<Kind>[]
  /** Resolves with the next event of a kind from now on. */
  next<Kind extends SyncEvent['kind']>(kind: Kind): Promise<EventOf<Kind>>
}

const isKind =
  <Kind extends SyncEvent['kind']>(kind: Kind) =>
  (event: SyncEvent): event is EventOf<Kind> =>
    event.kind === kind

export function recordingSink(): RecordingSink {
  const events: SyncEvent[] = []
  const waiting = new Set<(event: SyncEvent) => void>()
  return {
    onEvent(event) {
      events.push(event)
      for (const notice of waiting) notice(event)
    },
    events,
    of: (kind) => events.filter(isKind(kind)),
    next: (kind) =>
      new Promise((resolve) => {
        const matches = isKind(kind)
        const notice = (event: SyncEvent): void => {
          if (!matches(event)) return
          waiting.delete(notice)
          resolve(event)
        }
        waiting.add(notice)
      }),
  }
}
