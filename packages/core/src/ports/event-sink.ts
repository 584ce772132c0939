import type { SyncEvent } from '../model/event.ts'

/** Receives every event. A sink that throws never fails a run. */
export type EventSink = (event: SyncEvent) => void
