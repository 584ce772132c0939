import { SyncError } from '@syncline/core'
import type { Redis } from 'ioredis'

const connectTimeoutMs = 2_000
const commandTimeoutMs = 1_000
const longestReconnectMs = 1_000

/**
 * A client that gives up early: nothing waits in queues while the server is away, and nothing is sent again, since
 * what is asked for late is no longer wanted. It reconnects for as long as it is open. Resolves when the server
 * answered, or did not; a server that is away is no error.
 * @throws OPTIONS_INVALID when ioredis is not installed
 */
export async function openClient(url: string): Promise<Redis> {
  const { Redis } = await loadIoredis()
  const client = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: connectTimeoutMs,
    commandTimeout: commandTimeoutMs,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), longestReconnectMs),
    connectionName: 'syncline',
  })
  // Node ends a process at an `error` event nobody listens to; what broke shows as the failure of a command.
  client.on('error', () => {})
  await client.connect().catch(() => undefined)
  return client
}

async function loadIoredis() {
  try {
    return await import('ioredis')
  } catch (cause) {
    throw new SyncError('OPTIONS_INVALID', 'This needs the package ioredis; run: npm install ioredis', {
      cause,
    })
  }
}
