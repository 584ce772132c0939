import type { Socket } from 'node:net'
import { SyncError } from '@syncline/core'
import {
  ExtendedResponse,
  type Message,
  MessageParser,
  SearchEntry,
  SearchReference,
  UnbindRequest,
} from 'ldapts'
import { resultError } from './result-error.ts'
import { socketError } from './socket-error.ts'

/** Bounds of one connection. */
export interface ConnectionLimits {
  /** How long the server may stay silent while an answer is due. */
  readonly timeoutMs: number
  /** How long a connection that nobody uses stays open. */
  readonly idleMs: number
  /** The most bytes of one answer, entries included. */
  readonly maxAnswerBytes: number
}

/** What a request came to: the last message of the answer and what came before it. */
export interface LdapAnswer {
  /** Result code of RFC 4511, appendix A; 0 is success. */
  readonly status: number
  readonly errorMessage: string
  readonly controls: readonly unknown[]
  readonly entries: readonly SearchEntry[]
  /** URLs of other servers that hold parts of the answer. */
  readonly references: readonly string[]
}

interface Pending {
  readonly message: Message
  readonly entries: SearchEntry[]
  readonly references: string[]
  readonly resolve: (answer: LdapAnswer) => void
  readonly reject: (error: unknown) => void
}

interface Received {
  readonly messageId: number
  readonly status: number
  readonly errorMessage: string
  readonly controls?: readonly unknown[] | undefined
}

/**
 * One connection to a server, over a socket that is open already. Requests wait for each other's answers only where the
 * server makes them. It never reconnects: a new connection would not be bound, and an unbound search sees less.
 */
export class LdapConnection {
  readonly #socket: Socket
  readonly #limits: ConnectionLimits
  readonly #parser = new MessageParser()
  readonly #pending = new Map<string, Pending>()
  #lastMessageId = 0
  #bytes = 0
  #ended: unknown

  constructor(socket: Socket, limits: ConnectionLimits) {
    this.#socket = socket
    this.#limits = limits
    this.#parser.on('message', (message) => this.#receive(message))
    this.#parser.on('error', (cause) => this.#end(notLdap(cause)))
    socket.on('data', this.#read)
    socket.on('error', this.#fail)
    socket.on('close', this.#closed)
    socket.on('timeout', this.#silent)
    this.#rest()
  }

  /** Whether requests can still be sent. */
  get open(): boolean {
    return this.#ended === undefined && !this.#socket.destroyed
  }

  /**
   * Sends a request and resolves with its answer, whatever its result code. An abort closes the connection.
   * @throws UPSTREAM_UNAVAILABLE, UPSTREAM_TIMEOUT, UPSTREAM_REJECTED when the answer is too large; the signal's reason
   */
  async request(create: (messageId: number) => Message, signal?: AbortSignal): Promise<LdapAnswer> {
    signal?.throwIfAborted()
    if (!this.open) throw this.#ended ?? closedEarly()
    this.#lastMessageId += 1
    const message = create(this.#lastMessageId)
    const bytes = message.write()
    const { promise, resolve, reject } = Promise.withResolvers<LdapAnswer>()
    this.#pending.set(String(message.messageId), { message, entries: [], references: [], resolve, reject })
    const abort = (): void => this.#end(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    this.#socket.ref()
    this.#socket.setTimeout(this.#limits.timeoutMs)
    this.#socket.write(bytes)
    try {
      return await promise
    } finally {
      signal?.removeEventListener('abort', abort)
      if (this.#pending.size === 0) this.#rest()
    }
  }

  /** Stops listening and hands the socket over: what it says from now on is not read as LDAP by this connection. */
  detach(): Socket {
    this.#ended = closedEarly()
    this.#socket.ref()
    this.#socket.setTimeout(0)
    this.#socket.off('data', this.#read)
    this.#socket.off('close', this.#closed)
    this.#socket.off('timeout', this.#silent)
    return this.#socket
  }

  /** Says goodbye and closes. Requests under way fail. */
  close(): void {
    if (this.open) this.#socket.end(new UnbindRequest({ messageId: this.#lastMessageId + 1 }).write())
    this.#end(closedEarly())
  }

  readonly #read = (chunk: Buffer): void => {
    // Every message is a sequence; ldapts would wait for the rest of anything.
    if (this.#bytes === 0 && chunk[0] !== 0x30) return this.#end(notLdap())
    this.#bytes += chunk.length
    if (this.#bytes > this.#limits.maxAnswerBytes) return this.#end(tooLarge(this.#limits.maxAnswerBytes))
    try {
      this.#parser.read(chunk, this.#pending)
    } catch (cause) {
      this.#end(notLdap(cause))
    }
  }

  #receive(message: Received): void {
    const pending = this.#pending.get(String(message.messageId))
    if (pending === undefined) {
      // Message 0 is the server's notice that it disconnects (RFC 4511, section 4.4.1).
      if (message.messageId === 0 && message instanceof ExtendedResponse) {
        this.#end(resultError('The connection', message))
      }
      return
    }
    if (message instanceof SearchEntry) pending.entries.push(message)
    else if (message instanceof SearchReference) pending.references.push(...message.uris)
    else {
      this.#pending.delete(String(message.messageId))
      if (this.#pending.size === 0) this.#bytes = 0
      const { entries, references } = pending
      const { status, errorMessage, controls = [] } = message
      pending.resolve({ status, errorMessage, controls, entries, references })
    }
  }

  readonly #fail = (error: Error): void => this.#end(socketError(error))
  readonly #closed = (): void => this.#end(closedEarly())
  readonly #silent = (): void =>
    this.#end(this.#pending.size > 0 ? silent(this.#limits.timeoutMs) : closedEarly())

  /** A connection that waits for work must not keep the process alive. */
  #rest(): void {
    if (!this.open) return
    this.#socket.setTimeout(this.#limits.idleMs)
    this.#socket.unref()
  }

  #end(reason: unknown): void {
    this.#ended ??= reason
    for (const { reject } of this.#pending.values()) reject(this.#ended)
    this.#pending.clear()
    this.#socket.unref()
    // After the goodbye is written; a socket that nothing can be written to any more goes at once.
    if (this.#socket.writableEnded) this.#socket.destroySoon()
    else this.#socket.destroy()
  }
}

const closedEarly = (): SyncError =>
  new SyncError('UPSTREAM_UNAVAILABLE', 'The LDAP server closed the connection, or it was closed')

const silent = (timeoutMs: number): SyncError =>
  new SyncError(
    'UPSTREAM_TIMEOUT',
    `The LDAP server said nothing for ${timeoutMs} ms; raise timeoutMs if it is slow`,
  )

const notLdap = (cause?: unknown): SyncError =>
  new SyncError('CONNECTOR_ANSWER_INVALID', 'What the server sent is not LDAP, or not version 3', { cause })

const tooLarge = (bytes: number): SyncError =>
  new SyncError(
    'UPSTREAM_REJECTED',
    `An answer of the LDAP server is larger than ${bytes} bytes; lower the page size or raise maxAnswerBytes`,
  )
