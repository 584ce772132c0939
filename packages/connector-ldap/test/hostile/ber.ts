/** An element of the Basic Encoding Rules: a tag and its contents, with the shortest length. */
export function element(tag: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents)
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return Buffer.concat([Buffer.from([tag, 0x84]), length, body])
}

export const octets = (text: string | Buffer): Buffer => element(0x04, Buffer.from(text))
export const integer = (value: number): Buffer => element(0x02, Buffer.from([value]))

export const message = (id: number, operation: Buffer, ...controls: readonly Buffer[]): Buffer =>
  element(0x30, integer(id), operation, ...controls)

export function entry(
  id: number,
  dn: string,
  attributes: Readonly<Record<string, readonly (string | Buffer)[]>>,
): Buffer {
  const list = Object.entries(attributes).map(([type, values]) =>
    element(0x30, octets(type), element(0x31, ...values.map((value) => octets(value)))),
  )
  return message(id, element(0x64, octets(dn), element(0x30, ...list)))
}

/** A result with the operation's tag: 0x61 of a bind, 0x65 of a search, 0x78 of an extended request. */
export const result = (id: number, operation: number, ...more: readonly Buffer[]): Buffer =>
  message(id, element(operation, element(0x0a, Buffer.from([0])), octets(''), octets('fine'), ...more))

/** The paged results control of a response. */
export const pagedResults = (cookie: string): Buffer =>
  element(
    0xa0,
    element(
      0x30,
      octets('1.2.840.113556.1.4.319'),
      element(0x01, Buffer.from([0])),
      octets(element(0x30, integer(0), octets(cookie))),
    ),
    element(0x30, octets('1.3.6.1.4.1.42.2.27.8.5.1'), octets(element(0x30))),
  )
