import { SyncError } from '@syncline/core'

/** What is needed of an ioredis client, version 5 or 6, connected to one server or through Sentinel. */
export interface RedisClient {
  /** `ready` when commands are answered, `wait` when it connects with its first one. */
  readonly status: string
  readonly isCluster?: boolean | undefined
  on(event: 'close', listener: () => void): unknown
  off(event: 'close', listener: () => void): unknown
  info(section: string): Promise<string>
  mget(...keys: string[]): Promise<(string | null)[]>
  del(...keys: string[]): Promise<number>
  evalsha(sha: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>
  eval(script: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>
}

/** @throws OPTIONS_INVALID for a client of a cluster, whose keys live on different servers */
export function refuseCluster(client: RedisClient): void {
  if (client.isCluster !== true) return
  throw new SyncError(
    'OPTIONS_INVALID',
    'A client of one Redis server or a Sentinel is needed, not of a Cluster',
  )
}

/** Commands given to a client that is not connected would wait in its queue, and be carried out much later. */
export const isConnected = ({ status }: RedisClient): boolean => status === 'ready' || status === 'wait'
