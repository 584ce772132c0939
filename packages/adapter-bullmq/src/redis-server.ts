import type { Clock } from '@syncline/core'
import { type Processor, Queue, Worker, type WorkerOptions } from 'bullmq'
import { askPatiently, type Patience } from './ask-patiently.ts'
import type { BullmqServer, OnTrouble } from './bullmq-server.ts'

/** What is needed of a client of ioredis 5 or 6; the two have no type in common. */
export interface RedisClient {
  on(event: 'error', listener: (error: Error) => void): unknown
  disconnect(reconnect?: boolean): void
  duplicate(override?: object): RedisClient
}

/** Options that a client must be made with, besides the host's own. */
export interface RedisClientOptions {
  /** `null` for workers: BullMQ refuses others, because a blocking command outlives many retries. */
  readonly maxRetriesPerRequest: number | null
  /** False for questions: they fail at once while there is no connection, instead of being asked later. */
  readonly enableOfflineQueue: boolean
  /** For questions, how long a server may be silent; absent for workers, whose commands block. */
  readonly commandTimeout?: number
}

export interface RedisServerOptions {
  readonly connect: (options: RedisClientOptions) => RedisClient
  readonly prefix: string
  readonly timeoutMs: number
  readonly onTrouble: OnTrouble
  readonly clock: Clock
}

/** BullMQ's objects on Redis: one client for all questions, and two for each worker, one of them blocking. */
export function redisServer(options: RedisServerOptions): BullmqServer {
  const { connect, prefix, timeoutMs, onTrouble, clock } = options
  let asking: RedisClient | undefined

  /** A client that never ends the process by an error nobody listens to, and that knows its duplicates. */
  const open = (client: RedisClient, all: RedisClient[]): RedisClient => {
    all.push(client)
    client.on('error', onTrouble)
    const duplicate = client.duplicate.bind(client)
    client.duplicate = (override) => open(duplicate(override), all)
    return client
  }
  const askers: RedisClient[] = []
  return {
    openQueue(name, settings) {
      asking ??= open(
        connect({ maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout: timeoutMs }),
        askers,
      )
      return new Queue(name, { connection: asking, prefix, ...settings })
    },
    openWorker<Data>(name: string, process: Processor<Data, void>, settings: object) {
      const clients: RedisClient[] = []
      const connection = open(connect({ maxRetriesPerRequest: null, enableOfflineQueue: true }), clients)
      const closing = new AbortController()
      const patience = { clock, closed: closing.signal }
      const worker = new PatientWorker(name, process, { connection, prefix, patience, ...settings })
      return {
        worker,
        disconnect() {
          closing.abort()
          for (const client of clients) client.disconnect()
        },
      }
    },
    async disconnect() {
      for (const client of askers) client.disconnect()
    },
  }
}

class PatientWorker<Data> extends Worker<Data, void> {
  readonly #patience: Patience

  constructor(
    name: string,
    process: Processor<Data, void>,
    { patience, ...options }: WorkerOptions & { readonly patience: Patience },
  ) {
    super(name, process, options)
    this.#patience = patience
  }

  protected override moveToActive(...asked: Parameters<Worker<Data, void>['moveToActive']>) {
    return askPatiently(() => super.moveToActive(...asked), this.#patience)
  }
}
