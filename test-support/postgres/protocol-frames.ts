/** Cuts a byte stream of PostgreSQL's protocol into its messages. */
export interface ProtocolFrames {
  /** The messages that these bytes complete, each whole. */
  push(bytes: Buffer): Buffer[]
}

const lengthBytes = 4

/** @param from a client's first message has no type: it begins with its length */
export function protocolFrames(from: 'client' | 'server'): ProtocolFrames {
  let rest = Buffer.alloc(0)
  let typeBytes = from === 'client' ? 0 : 1
  return {
    push(bytes) {
      rest = Buffer.concat([rest, bytes])
      const messages: Buffer[] = []
      while (rest.length >= typeBytes + lengthBytes) {
        const end = typeBytes + rest.readInt32BE(typeBytes)
        if (rest.length < end) break
        messages.push(rest.subarray(0, end))
        rest = rest.subarray(end)
        typeBytes = 1
      }
      return messages
    },
  }
}

const typeOf = (message: Buffer): string => String.fromCharCode(message[0] ?? 0)
const textOf = (message: Buffer): string => message.subarray(1 + lengthBytes, -1).toString()

/** What a server says a statement did, such as `COMMIT`; undefined for all other messages. */
export const commandTag = (message: Buffer): string | undefined =>
  typeOf(message) === 'C' ? textOf(message) : undefined

/** The text of a statement that a client sends, alone or among others of a round trip; not of one prepared before. */
export function statementText(message: Buffer): string | undefined {
  if (typeOf(message) === 'Q') return textOf(message)
  if (typeOf(message) !== 'P') return undefined
  // A name, the text, and the types of parameters, each of the first two with its end.
  const [, text] = message
    .subarray(1 + lengthBytes)
    .toString()
    .split('\0', 2)
  return text
}

export const isDataRow = (message: Buffer): boolean => typeOf(message) === 'D'
export const isCopyData = (message: Buffer): boolean => typeOf(message) === 'd'
/** The server waits for the next statement. */
export const isReady = (message: Buffer): boolean => typeOf(message) === 'Z'
