import { type AddressInfo, connect, createServer, Socket } from 'node:net'
import {
  commandTag,
  isCopyData,
  isDataRow,
  isReady,
  protocolFrames,
  statementText,
} from './protocol-frames.ts'

/**
 * Where in a transaction a fault can strike. `rows` is its first row, `copy` the first piece of a COPY. At `commit reply` the server has committed and the client does not know;
 * at `after commit` it has just been told.
 */
export type Moment = 'begin reply' | 'rows' | 'copy' | 'before commit' | 'commit reply' | 'after commit'

/**
 * What becomes of the message that was held: it passes, half of it passes and the connection ends, or nothing ever
 * passes on this connection again, in either direction, and it stays open.
 */
export type Verdict = 'pass' | 'cut' | 'swallow'

export interface Strike {
  /** From 1, as counted since it was armed. */
  readonly transaction: number
  readonly moment: Moment
  /** While it works, the message is held. */
  readonly act: () => Promise<Verdict> | Verdict
}

/** A way to a PostgreSQL server that knows where a client's transactions stand, and disturbs them. */
export interface PostgresProxy {
  /** For clients. */
  readonly url: string
  /** Counts transactions from now on; `onTransaction` hears of each as it begins. */
  arm(strike: Strike | undefined, onTransaction?: () => void): void
  /** The strike happened. One that never does tests nothing. */
  readonly struck: boolean
  /** From now on nothing passes on any connection, new ones included; none is closed. */
  blackHole(): void
  close(): Promise<void>
}

/** The two ends of a client's connection. */
interface Link {
  readonly client: Socket
  readonly server: Socket
  silent: boolean
  /** Number of the transaction under way. */
  transaction?: number | undefined
  hadRows: boolean
  committed: boolean
}

interface Armed {
  strike: Strike | undefined
  onTransaction: () => void
  transactions: number
}

export async function startPostgresProxy(serverUrl: string): Promise<PostgresProxy> {
  const target = new URL(serverUrl)
  const links = new Set<Link>()
  let armed: Armed = { strike: undefined, onTransaction: () => {}, transactions: 0 }
  let struck = false
  let hole = false

  /** The strike, if it is its turn. It strikes once. */
  const strikeAt = (link: Link, moment: Moment): Strike | undefined => {
    const { strike } = armed
    if (strike?.moment !== moment || strike.transaction !== link.transaction) return undefined
    armed.strike = undefined
    struck = true
    return strike
  }
  const fromServer = (link: Link, message: Buffer): Strike | undefined => {
    const tag = commandTag(message)
    if (tag === 'START TRANSACTION') {
      armed.transactions += 1
      Object.assign(link, { transaction: armed.transactions, hadRows: false, committed: false })
      armed.onTransaction()
      return strikeAt(link, 'begin reply')
    }
    if (tag === 'COMMIT') {
      link.committed = true
      return strikeAt(link, 'commit reply')
    }
    if (isDataRow(message) && !link.hadRows) {
      link.hadRows = true
      return strikeAt(link, 'rows')
    }
    if (isReady(message) && link.committed) {
      const strike = strikeAt(link, 'after commit')
      Object.assign(link, { transaction: undefined, committed: false })
      return strike
    }
    return undefined
  }
  const fromClient = (link: Link, message: Buffer): Strike | undefined => {
    if (isCopyData(message)) return strikeAt(link, 'copy')
    return statementText(message) === 'commit' ? strikeAt(link, 'before commit') : undefined
  }

  const listener = createServer({ allowHalfOpen: true }, (client) => {
    const server = hole
      ? new Socket()
      : connect({ host: target.hostname, port: Number(target.port), allowHalfOpen: true })
    const link: Link = { client, server, silent: hole, hadRows: false, committed: false }
    links.add(link)
    for (const socket of [client, server]) socket.setNoDelay(true).on('error', () => {})
    const ends = [
      relay(link, { from: client, to: server, strikeOf: fromClient, sender: 'client' }),
      relay(link, { from: server, to: client, strikeOf: fromServer, sender: 'server' }),
    ]
    void Promise.all(ends).then(() => links.delete(link))
  })
  await new Promise<void>((resolve) => {
    listener.listen(0, '127.0.0.1', resolve)
  })
  const url = new URL(serverUrl)
  Object.assign(url, { hostname: '127.0.0.1', port: String((listener.address() as AddressInfo).port) })
  return {
    url: url.href,
    arm(strike, onTransaction = () => {}) {
      armed = { strike, onTransaction, transactions: 0 }
    },
    get struck() {
      return struck
    },
    blackHole() {
      hole = true
      for (const link of links) link.silent = true
    },
    async close() {
      for (const link of links) endBoth(link)
      await new Promise((resolve) => {
        listener.close(resolve)
      })
    },
  }
}

interface Direction {
  readonly from: Socket
  readonly to: Socket
  readonly sender: 'client' | 'server'
  readonly strikeOf: (link: Link, message: Buffer) => Strike | undefined
}

/** Hands messages on until one end is gone; then the other one learns of it. */
async function relay(link: Link, { from, to, sender, strikeOf }: Direction): Promise<void> {
  const frames = protocolFrames(sender)
  try {
    for await (const bytes of from.iterator({ destroyOnReturn: false })) {
      for (const message of frames.push(bytes as Buffer)) {
        if (link.silent) continue
        const strike = strikeOf(link, message)
        if (!strike || strike.moment === 'after commit') to.write(message)
        const verdict = strike ? await strike.act() : 'pass'
        if (strike && strike.moment !== 'after commit' && verdict === 'pass') to.write(message)
        if (verdict === 'swallow') link.silent = true
        if (verdict === 'cut') {
          to.write(message.subarray(0, message.length / 2))
          to.destroySoon()
          from.destroy()
          return
        }
      }
    }
    if (!link.silent) to.end()
  } catch {
    if (!link.silent) endBoth(link)
  }
}

function endBoth({ client, server }: Link): void {
  client.destroy()
  server.destroy()
}
