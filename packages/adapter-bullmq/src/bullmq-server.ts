import type { Processor, Queue, QueueOptions, WorkerOptions } from 'bullmq'
import type { JobData } from './job-codec.ts'
import type { TickData } from './tick-codec.ts'

/** How queues are told of what they cannot tell anyone else. */
export type OnTrouble = (error: unknown) => void

/** What is asked of a queue of BullMQ; the same on each of its servers, whose types differ otherwise. */
export type BullQueue<Data> = Pick<
  Queue<Data, void, string, Data, void, string>,
  | 'name'
  | 'add'
  | 'getJob'
  | 'getJobs'
  | 'getJobCounts'
  | 'getJobScheduler'
  | 'getJobSchedulers'
  | 'upsertJobScheduler'
  | 'removeJobScheduler'
  | 'close'
> & { on(event: 'error', listener: OnTrouble): unknown }

/** What is asked of a worker. */
interface BullWorker {
  on(event: 'error', listener: OnTrouble): unknown
  on(event: 'lockRenewalFailed', listener: (jobIds: string[]) => void): unknown
  pause(doNotWaitActive: boolean): Promise<void>
  close(force?: boolean): Promise<void>
}

/** What BullMQ's objects are made of, but for where they connect to. */
type QueueSettings = Pick<QueueOptions, 'settings'>
export type WorkerSettings = Pick<
  WorkerOptions,
  'concurrency' | 'lockDuration' | 'stalledInterval' | 'maxStalledCount' | 'drainDelay' | 'settings'
>

/** A worker, and the connections that were opened for it. */
interface OpenWorker {
  readonly worker: BullWorker
  /** Ends its connections at once, whatever is under way. */
  readonly disconnect: () => void
}

/** Makes BullMQ's objects on one server. */
export interface BullmqServer {
  openQueue<Data extends JobData | TickData>(name: string, settings: QueueSettings): BullQueue<Data>
  openWorker<Data extends JobData | TickData>(
    name: string,
    process: Processor<Data, void>,
    settings: WorkerSettings,
  ): OpenWorker
  /** Ends the connections of all queues at once. */
  disconnect(): Promise<void>
}
