import type { EventEmitter } from 'node:events'
import type { Writable } from 'node:stream'
import type { Copy } from './database.ts'

/** A statement as pg takes it. */
export interface PgStatement {
  readonly name?: string
  readonly text: string
  readonly values: unknown[]
}

/** What a round trip sends, one after the other. */
export type Step = PgStatement | Copy

/** What is used of pg's connection, below its client: the same as its own cursors and streams use. */
interface PgConnection {
  readonly stream: Writable
  /** Named statements on their way; pg before 8.17 knows only those that have arrived. */
  readonly submittedNamedStatements?: Record<string, string>
  parse(statement: { readonly text: string }): void
  bind(config: object): void
  execute(config: object): void
  sync(): void
  endCopyFrom(): void
  sendCopyFail(reason: string): void
}

type Rows = unknown[]

/** pg's own query: it knows how values travel and how rows are read. */
interface PgQuery {
  readonly name?: string
  readonly text: string
  callback: (error: Error | null | undefined, result?: { readonly rows: Rows }) => void
  submit(connection: PgConnection): Error | null | undefined
  handleRowDescription(message: unknown): void
  handleDataRow(message: unknown): void
  handleCommandComplete(message: unknown, connection: PgConnection): void
  handleReadyForQuery(connection: PgConnection): void
}

/** pg's class of queries. */
export type PgQueryClass = new (statement: PgStatement & { readonly queryMode: 'extended' }) => PgQuery

const copyDataHeader = 5

/**
 * Statements and copies that are sent without waiting for answers, up to the one ReadyForQuery at their end: the
 * extended protocol with a single Sync (PostgreSQL's manual, "Message Flow", "Pipelining"). From the first failure on
 * the server passes over everything, a commit among it too. Steps are asked for one by one, so a step may be made
 * while the server works on those before it.
 */
export class RoundTrip {
  /** pg may put a time limit around it. */
  callback: (error: Error | undefined, results?: readonly Rows[]) => void
  readonly #Query: PgQueryClass
  readonly #steps: Iterable<Step>
  /** In the order sent; undefined is a copy. */
  readonly #sent: (PgQuery | undefined)[] = []
  #answered = 0
  #failed = false
  #failure: Error | undefined

  /** @param done gets the rows of each statement */
  constructor(Query: PgQueryClass, steps: Iterable<Step>, done: RoundTrip['callback']) {
    this.#Query = Query
    this.#steps = steps
    this.callback = done
  }

  /** pg keeps these two of a statement that the server has parsed. */
  get name(): string | undefined {
    return this.#sent[this.#answered]?.name
  }

  get text(): string | undefined {
    return this.#sent[this.#answered]?.text
  }

  submit(connection: PgConnection): null {
    void this.#send(connection)
    return null
  }

  async #send(connection: PgConnection): Promise<void> {
    let copying = false
    try {
      for (const step of this.#steps) {
        if (this.#failed) break
        if (!('pieces' in step)) {
          this.#sendStatement(connection, step)
          continue
        }
        this.#sent.push(undefined)
        copying = true
        await this.#sendCopy(connection, step)
        copying = false
      }
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error))
      if (copying) connection.sendCopyFail('The rows could not be made')
    }
    connection.sync()
  }

  #sendStatement(connection: PgConnection, step: PgStatement): void {
    // The simple protocol would end the round trip, too.
    const query = new this.#Query({ ...step, queryMode: 'extended' })
    this.#sent.push(query)
    // Nor may it send a Sync of its own.
    const refusal = query.submit(Object.create(connection, { sync: { value: () => undefined } }))
    if (refusal) throw refusal
  }

  async #sendCopy(connection: PgConnection, { statement, pieces }: Copy): Promise<void> {
    const { stream } = connection
    stream.cork()
    connection.parse({ text: statement })
    connection.bind({})
    connection.execute({})
    stream.uncork()
    for (const piece of pieces) {
      if (this.#failed) return
      const header = Buffer.allocUnsafe(copyDataHeader)
      header.write('d', 'latin1')
      header.writeInt32BE(piece.length + 4, 1)
      stream.cork()
      stream.write(header)
      const ready = stream.write(piece)
      stream.uncork()
      if (!ready && !stream.destroyed) await drained(stream)
    }
    connection.endCopyFrom()
  }

  handleRowDescription(message: unknown): void {
    this.#sent[this.#answered]?.handleRowDescription(message)
  }

  handleDataRow(message: unknown): void {
    this.#sent[this.#answered]?.handleDataRow(message)
  }

  handleCommandComplete(message: unknown, connection: PgConnection): void {
    this.#sent[this.#answered]?.handleCommandComplete(message, connection)
    this.#answered += 1
  }

  /** The rows are on their way already. */
  handleCopyInResponse(): void {}

  handleError(error: Error, connection: PgConnection): void {
    this.#failed = true
    // What the server passes over is not parsed there.
    for (const query of this.#sent.slice(this.#answered)) {
      if (query?.name) delete connection.submittedNamedStatements?.[query.name]
    }
    this.callback(this.#failure ?? error)
  }

  handleReadyForQuery(connection: PgConnection): void {
    if (this.#failure) {
      this.callback(this.#failure)
      return
    }
    const results: Rows[] = []
    let problem: Error | undefined
    for (const query of this.#sent) {
      if (!query) continue
      query.callback = (error, result) => {
        problem ??= error ?? undefined
        results.push(result?.rows ?? [])
      }
      query.handleReadyForQuery(connection)
    }
    this.callback(problem, results)
  }
}

/** Resolves also when there will be no more room, because the connection broke. */
const drained = (stream: EventEmitter): Promise<void> =>
  new Promise((resolve) => {
    const settle = (): void => {
      for (const event of ['drain', 'close', 'error']) stream.off(event, settle)
      resolve()
    }
    for (const event of ['drain', 'close', 'error']) stream.on(event, settle)
  })
