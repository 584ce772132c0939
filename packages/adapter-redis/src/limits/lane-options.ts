import type { Clock } from '@syncline/core'
import type { LimitServer } from './limit-server.ts'

/** What a lane works with. */
export interface LaneOptions {
  readonly key: string
  readonly server: LimitServer
  readonly clock: { now(): number; after: Clock['after'] }
  readonly processes: number
  readonly createId: () => string
}
