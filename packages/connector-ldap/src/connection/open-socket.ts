import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { isSyncError, SyncError } from '@syncline/core'
import { type AddressPolicy, policyLookup, requireAllowed } from './address-policy.ts'
import { socketError } from './socket-error.ts'

/** Where the server listens and how it proves who it is. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
  /** PEM of the authorities to trust instead of Node's own list. */
  readonly ca?: string | undefined
  /** The name the certificate must carry. @default the host */
  readonly serverName?: string | undefined
  readonly verifyCertificate: boolean
  readonly timeoutMs: number
  readonly policy: AddressPolicy
}

/** A socket without encryption. */
export async function openSocket(address: ServerAddress, signal?: AbortSignal): Promise<Socket> {
  const { host, port, timeoutMs, policy } = address
  requireAllowed(policy, host)
  const socket = connectTcp({ host, port, keepAlive: true, noDelay: true, lookup: policyLookup(policy) })
  return untilReady(socket, { event: 'connect', timeoutMs, signal })
}

/** An encrypted socket, over `plain` when there is one already; resolves once the certificate was checked. */
export async function openTlsSocket(
  address: ServerAddress,
  plain?: Socket,
  signal?: AbortSignal,
): Promise<Socket> {
  const { host, port, ca, verifyCertificate, timeoutMs, policy } = address
  requireAllowed(policy, host)
  const name = address.serverName ?? host
  const options: ConnectionOptions = {
    ...(plain === undefined ? { host, port, lookup: policyLookup(policy) } : { socket: plain, host }),
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(ca === undefined ? {} : { ca }),
    rejectUnauthorized: verifyCertificate,
    minVersion: 'TLSv1.2',
  }
  return untilReady(connectTls(options), { event: 'secureConnect', timeoutMs, signal })
}

interface Readiness {
  readonly event: 'connect' | 'secureConnect'
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

async function untilReady(socket: Socket, { event, timeoutMs, signal }: Readiness): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const silent = (): void =>
    reject(new SyncError('UPSTREAM_TIMEOUT', `No connection to the LDAP server within ${timeoutMs} ms`))
  const closed = (): void =>
    reject(
      new SyncError(
        'UPSTREAM_UNAVAILABLE',
        'The LDAP server closed the connection while it was being set up',
      ),
    )
  const failed = (error: Error): void => reject(isSyncError(error) ? error : socketError(error))
  const aborted = (): void => reject(signal?.reason)
  socket.once(event, resolve)
  socket.once('error', failed)
  socket.once('close', closed)
  socket.once('timeout', silent)
  socket.setTimeout(timeoutMs)
  signal?.addEventListener('abort', aborted, { once: true })
  if (signal?.aborted) aborted()
  try {
    await promise
  } catch (error) {
    // Whatever a dying socket still says was said already.
    socket.on('error', () => undefined)
    socket.destroy()
    throw error
  } finally {
    socket.off(event, resolve)
    socket.off('error', failed)
    socket.off('close', closed)
    socket.off('timeout', silent)
    signal?.removeEventListener('abort', aborted)
  }
  return socket
}
