import type { EventEmitter } from 'node:events'
import pg from 'pg'

/** Called when the server has answered, before anybody was told. */
type Answered = (() => void) | undefined

/** The part of pg's connection that statements pass, whatever sends them: they need not wait for one another. */
interface Connection extends EventEmitter {
  readonly stream: object
  parse(statement: { readonly text: string }): void
}

/**
 * Sees every statement of this process at the connection, where those that share a round trip are still apart: each
 * just before it is written, with those before it on their way.
 */
export function watchStatements({ sending }: { readonly sending: (text: string) => Answered }): void {
  // By its stream: who sends several at once wraps the connection.
  const underWay = new WeakMap<object, Answered[]>()

  function send(connection: Connection, text: string): void {
    queueOf(connection).push(sending(text))
  }

  function queueOf(connection: Connection): Answered[] {
    const known = underWay.get(connection.stream)
    if (known) return known
    const queue: Answered[] = []
    const answer = (): void => queue.shift()?.()
    connection.prependListener('commandComplete', answer)
    connection.prependListener('errorMessage', answer)
    connection.prependListener('readyForQuery', () => {
      // What the server passed over after a failure got no answer of its own.
      for (const passedOver of queue.splice(0)) passedOver?.()
    })
    underWay.set(connection.stream, queue)
    return queue
  }

  const Query = (pg.Client as unknown as { Query: { prototype: { text: string; submit: Submit } } }).Query
  type Submit = (this: { text: string }, connection: Connection) => unknown
  const { submit } = Query.prototype
  Query.prototype.submit = function watched(connection) {
    send(connection, this.text)
    return Reflect.apply(submit, this, [connection])
  }

  // A copy has no query of pg's.
  const { Connection } = pg as unknown as { Connection: { prototype: Connection } }
  // oxlint-disable-next-line unbound-method -- called with the connection it is called on
  const { parse } = Connection.prototype
  Connection.prototype.parse = function watched(statement) {
    if (statement.text.startsWith('copy ')) send(this, statement.text)
    Reflect.apply(parse, this, [statement])
  }
}
