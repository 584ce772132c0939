import type { Socket } from 'node:net'
import { SyncError } from '@syncline/core'
import { type Message, UnbindRequest } from 'ldapts'
import { notLdap } from '../protocol/ber-reader.ts'
import {
  decodeMessage,
  type ReceivedEntry,
  type ReceivedMessage,
  type ReceivedResult,
  type ResultKind,
} from '../protocol/decode-message.ts'
import { MessageFramer } from '../protocol/message-framer.ts'
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
  /** Refuses every message but the result of the request in progress, and reads nothing after it. @default false */
  readonly resultsOnly?: boolean | undefined
}

/** The response to a request: its last message and what came before it. */
export interface LdapAnswer extends ReceivedResult {
  readonly entries: readonly ReceivedEntry[]
  /** URLs of other servers that hold parts of the answer. */
  readonly references: readonly string[]
}

interface Pending {
  readonly kind: ResultKind | undefined
  readonly entries: ReceivedEntry[]
  readonly references: string[]
  readonly resolve: (answer: LdapAnswer) => void
  readonly reject: (error: unknown) => void
}

/** The result that each request operation is answered with (RFC 4511, section 4). */
const resultKinds: ReadonlyMap<number, ResultKind> = new Map([
  [0x60, 'bind'],
  [0x63, 'search'],
  [0x77, 'extended'],
])

/** What an entry, an attribute or a value counts besides its bytes: about the memory of its object. */
const bytesPerObject = 64

/**
 * One connection to a server, over a socket that is open already. Requests wait for each other's answers only where the
 * server makes them. It never reconnects: a new connection would not be bound, and an unbound search sees less.
 */
export class LdapConnection {
  readonly #socket: Socket
  readonly #limits: ConnectionLimits
  readonly #framer: MessageFramer
  readonly #pending = new Map<number, Pending>()
  #lastMessageId = 0
  #bytes = 0
  #ended: unknown

  constructor(socket: Socket, limits: ConnectionLimits) {
    this.#socket = socket
    this.#limits = limits
    this.#framer = new MessageFramer(limits.maxAnswerBytes)
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
    const kind = resultKinds.get(message.protocolOperation)
    this.#pending.set(message.messageId, { kind, entries: [], references: [], resolve, reject })
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
    if (this.#deaf) return
    try {
      for (const bytes of this.#framer.read(chunk)) {
        this.#receive(this.#decode(bytes))
        if (this.#deaf) return
      }
    } catch (error) {
      this.#end(error)
    }
  }

  get #deaf(): boolean {
    return this.#ended !== undefined || (this.#limits.resultsOnly === true && this.#pending.size === 0)
  }

  #decode(bytes: Buffer): ReceivedMessage {
    const { maxAnswerBytes } = this.#limits
    this.#bytes += bytes.length
    const objects = Math.floor((maxAnswerBytes - this.#bytes) / bytesPerObject)
    const exceeded = (): SyncError => tooLarge(maxAnswerBytes)
    if (objects < 0) throw exceeded()
    const budget = { left: objects, exceeded }
    const message = decodeMessage(bytes, budget)
    this.#bytes += (objects - budget.left) * bytesPerObject
    return message
  }

  #receive(message: ReceivedMessage): void {
    const pending = this.#pending.get(message.messageId)
    if (pending === undefined) {
      // Message 0 is the server's notice that it disconnects (RFC 4511, section 4.4.1).
      if (message.messageId === 0 && message.kind === 'extended') {
        this.#end(resultError('The connection', message.result))
      } else if (this.#limits.resultsOnly) throw notLdap('a response is to no request')
      return
    }
    if (message.kind === 'intermediate') return
    const isPart = message.kind === 'entry' || message.kind === 'reference'
    if (pending.kind !== (isPart ? 'search' : message.kind))
      throw notLdap('a response is of another operation')
    if (message.kind === 'entry') pending.entries.push(message.entry)
    else if (message.kind === 'reference') for (const url of message.urls) pending.references.push(url)
    else {
      this.#pending.delete(message.messageId)
      if (this.#pending.size === 0) this.#bytes = 0
      const { entries, references } = pending
      pending.resolve({ ...message.result, entries, references })
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

const tooLarge = (bytes: number): SyncError =>
  new SyncError(
    'UPSTREAM_REJECTED',
    `An answer of the LDAP server is larger than ${bytes} bytes, its values included as objects; lower the page size or raise maxAnswerBytes`,
  )
