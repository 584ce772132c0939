import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import {
  BerReader,
  BerWriter,
  BindRequest,
  ExtendedRequest,
  PagedResultsControl,
  PresenceFilter,
  SearchRequest,
} from 'ldapts'

/** What a client asked, as far as scripts need to know. */
export type Asked =
  | { readonly kind: 'bind'; readonly id: number; readonly dn: string; readonly password: string }
  | { readonly kind: 'startTls'; readonly id: number }
  | { readonly kind: 'unbind'; readonly id: number }
  | {
      readonly kind: 'search'
      readonly id: number
      readonly base: string
      readonly filter: string
      readonly attributes: readonly string[]
      /** Of the paged results control; undefined without one, empty on the first page. */
      readonly cookie: string | undefined
    }

/** One connection as a script sees it. */
export interface Responder {
  /** Bytes as they are. */
  raw(bytes: Buffer): void
  result(id: number, options?: { op?: number; status?: number; message?: string; cookie?: string }): void
  entry(id: number, dn: string, attributes: Readonly<Record<string, readonly (string | Buffer)[]>>): void
  reference(id: number, url: string): void
  /** Goes on encrypted. */
  upgrade(options: { readonly key: Buffer; readonly cert: Buffer }): void
  hangUp(): void
}

export type Script = (asked: Asked, responder: Responder) => void

export interface ScriptedServer extends AsyncDisposable {
  readonly url: string
  /** Everything asked, over all connections. */
  readonly asked: readonly Asked[]
  readonly connections: number
  /** Resolves once no connection is open. */
  deserted(): Promise<void>
}

export const operations = { bindResponse: 0x61, searchDone: 0x65, extendedResponse: 0x78 } as const

/**
 * A server on loopback that speaks just enough LDAP for a script to misbehave with it. It stands in for what no real
 * server does on demand; what real servers do is tested against slapd.
 */
export async function scriptedServer(script: Script): Promise<ScriptedServer> {
  const asked: Asked[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer({ noDelay: true }, (socket) => {
    connections += 1
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    serve(socket, (question, responder) => {
      asked.push(question)
      script(question, responder)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `ldap://127.0.0.1:${port}`,
    asked,
    get connections() {
      return connections
    },
    async deserted() {
      await Promise.all([...sockets].map((socket) => once(socket, 'close')))
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Lets everyone in; searches are up to the script. */
export const afterBind =
  (script: Script): Script =>
  (asked, responder) =>
    asked.kind === 'bind'
      ? responder.result(asked.id, { op: operations.bindResponse })
      : script(asked, responder)

function serve(plain: Socket, script: Script): void {
  let socket: Socket = plain
  let read = Buffer.alloc(0)
  const listen = (): void => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      read = Buffer.concat([read, chunk])
      for (let message = nextMessage(read); message; message = nextMessage(read)) {
        read = read.subarray(message.length)
        const question = understand(message)
        if (question) script(question, responder)
      }
    })
  }
  const responder: Responder = {
    raw: (bytes) => void socket.write(bytes),
    result(id, { op = operations.searchDone, status = 0, message = '', cookie } = {}) {
      const controls =
        cookie === undefined
          ? []
          : [new PagedResultsControl({ value: { size: 0, cookie: Buffer.from(cookie) } })]
      const body = (writer: BerWriter): void => {
        writer.writeEnumeration(status)
        writer.writeString('')
        writer.writeString(message)
      }
      socket.write(writeMessage({ id, op, body, controls }))
    },
    entry(id, dn, attributes) {
      socket.write(writeMessage({ id, op: 0x64, body: (writer) => writeEntry(writer, dn, attributes) }))
    },
    reference: (id, url) =>
      void socket.write(writeMessage({ id, op: 0x73, body: (writer) => writer.writeString(url) })),
    upgrade(options) {
      plain.removeAllListeners('data')
      socket = new TLSSocket(plain, { isServer: true, ...options })
      listen()
    },
    hangUp: () => socket.destroySoon(),
  }
  listen()
}

/** Undefined while a message is incomplete, and for ever when it is none, such as the hello of TLS. */
function nextMessage(bytes: Buffer): Buffer | undefined {
  if (bytes[0] !== 0x30) return undefined
  const reader = new BerReader(bytes)
  if (reader.readSequence() === null || reader.remain < reader.length) return undefined
  return bytes.subarray(0, reader.offset + reader.length)
}

function understand(bytes: Buffer): Asked | undefined {
  const reader = new BerReader(bytes)
  reader.readSequence()
  const id = reader.readInt() ?? 0
  const op = reader.readSequence()
  if (op === 0x60) {
    const message = new BindRequest({ messageId: id })
    message.parse(reader, [])
    return { kind: 'bind', id, dn: message.dn, password: message.password }
  }
  if (op === 0x77) {
    const message = new ExtendedRequest({ messageId: id, oid: '' })
    message.parse(reader, [])
    return { kind: 'startTls', id }
  }
  if (op === 0x63) return understandSearch(reader, id)
  return op === 0x42 ? { kind: 'unbind', id } : undefined
}

function understandSearch(reader: BerReader, id: number): Asked {
  const message = new SearchRequest({ messageId: id, filter: new PresenceFilter() })
  message.parse(reader, [])
  const paged = message.controls?.find((control) => control instanceof PagedResultsControl)
  return {
    kind: 'search',
    id,
    base: message.baseDN,
    filter: message.filter.toString(),
    attributes: message.attributes,
    cookie: paged?.value?.cookie?.toString(),
  }
}

interface Outgoing {
  readonly id: number
  readonly op: number
  readonly body: (writer: BerWriter) => void
  readonly controls?: readonly PagedResultsControl[]
}

function writeMessage({ id, op, body, controls = [] }: Outgoing): Buffer {
  const writer = new BerWriter()
  writer.startSequence()
  writer.writeInt(id)
  writer.startSequence(op)
  body(writer)
  writer.endSequence()
  if (controls.length > 0) {
    writer.startSequence(0xa0)
    for (const control of controls) control.write(writer)
    writer.endSequence()
  }
  writer.endSequence()
  return writer.buffer
}

function writeEntry(
  writer: BerWriter,
  dn: string,
  attributes: Readonly<Record<string, readonly (string | Buffer)[]>>,
): void {
  writer.writeString(dn)
  writer.startSequence()
  for (const [type, values] of Object.entries(attributes)) {
    writer.startSequence()
    writer.writeString(type)
    writer.startSequence(0x31)
    for (const value of values) writer.writeBuffer(Buffer.from(value), 0x04)
    writer.endSequence()
    writer.endSequence()
  }
  writer.endSequence()
}
