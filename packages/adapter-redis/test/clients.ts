import type { RedisClient } from '@syncline/adapter-redis'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'

/** What tests need of a client besides. */
export interface TestClient extends RedisClient {
  readonly status: string
  call(command: string, ...values: (string | number)[]): Promise<unknown>
  disconnect(): void
}

/** Both supported majors, made as a host makes them. */
export const majors: readonly (readonly [name: string, open: (url: string) => TestClient])[] = [
  ['ioredis 5', (url) => quietly(new Redis5(url, { retryStrategy: () => 20 }))],
  ['ioredis 6', (url) => quietly(new Redis(url, { retryStrategy: () => 20 }))],
]

/** The client, with a listener for the errors that would end the process. */
function quietly<Client extends { on(event: 'error', listener: () => void): unknown }>(
  client: Client,
): Client {
  client.on('error', () => {})
  return client
}

/** Resolves once commands are answered. */
export async function ready(client: TestClient): Promise<TestClient> {
  await client.call('PING')
  return client
}
