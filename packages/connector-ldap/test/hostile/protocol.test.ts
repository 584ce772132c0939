import { isSyncError } from '@syncline/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeMessage } from '../../src/protocol/decode-message.ts'
import { MessageFramer } from '../../src/protocol/message-framer.ts'
import { element, entry, integer, message, octets, pagedResults, result } from './ber.ts'
import { places, wellFormed } from './messages.ts'

const maxBytes = 64 * 1024 * 1024
const decode = (bytes: Buffer, left = 1_000) =>
  decodeMessage(bytes, { left, exceeded: () => new Error('too many objects') })
const invalid = expect.objectContaining({ code: 'CONNECTOR_ANSWER_INVALID' })

const framesOf = (pieces: readonly Buffer[], most = maxBytes): readonly Buffer[] => {
  const framer = new MessageFramer(most)
  return pieces.flatMap((piece) => [...framer.read(piece)])
}

describe('MessageFramer', () => {
  it('yields the same messages however the bytes are cut', () => {
    const messages = [
      ...places.map((place) => wellFormed[place](7)),
      entry(8, '', { photo: [Buffer.alloc(9_000)] }),
    ]
    const bytes = Buffer.concat(messages)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }), (sizes) => {
        const pieces: Buffer[] = []
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1
          pieces.push(bytes.subarray(at, at + size))
          at += size
        }
        expect(framesOf(pieces)).toEqual(messages)
      }),
    )
  })

  it('collects an entry of 24 MB that comes in pieces of 4 KB in time that grows with its bytes', () => {
    const bytes = entry(2, 'cn=x', { photo: [Buffer.alloc(24_000_000)] })
    const pieces = Array.from({ length: Math.ceil(bytes.length / 4_096) }, (_, index) =>
      bytes.subarray(index * 4_096, (index + 1) * 4_096),
    )
    const before = process.cpuUsage()
    expect(framesOf(pieces).map(({ length }) => length)).toEqual([bytes.length])
    const { user, system } = process.cpuUsage(before)
    // Joining all pieces at each one takes 6 to 11 s.
    expect((user + system) / 1_000).toBeLessThan(1_500)
  })

  it('refuses a message as soon as its length exceeds the bound, before the rest comes', () => {
    expect(() => framesOf([Buffer.from('3084ffffffff', 'hex')])).toThrow(invalid)
    expect(() => framesOf([Buffer.from('308203e9', 'hex')], 1_000)).toThrow(
      /announced a message of 1005 bytes/,
    )
  })

  it.each(['3080', '3085', '31', '48'])('refuses bytes that begin no message: %s', (hex) => {
    expect(() => framesOf([Buffer.from(hex, 'hex')])).toThrow(invalid)
  })
})

describe('decodeMessage', () => {
  it('reads lengths of any width', () => {
    // As Active Directory sends them: every container with four bytes of length.
    const wide = Buffer.from('3084000000100201036584000000070a010004000400', 'hex')
    expect(decode(wide)).toEqual({
      kind: 'search',
      messageId: 3,
      result: { status: 0, errorMessage: '', paged: undefined },
    })
  })

  it('finds the cookie of the paged results control among others', () => {
    const done = message(4, result(4, 0x65).subarray(5), pagedResults('next'))
    expect(decode(done)).toMatchObject({
      kind: 'search',
      result: { paged: { size: 0, cookie: Buffer.from('next') } },
    })
  })

  it('passes over parts that a newer version of the protocol adds', () => {
    const bind = result(1, 0x61, element(0x87, Buffer.from('sasl')), element(0x8f, Buffer.from('new')))
    expect(decode(bind)).toMatchObject({ kind: 'bind', result: { status: 0, errorMessage: 'fine' } })
  })

  it.each([
    [
      'a cookie larger than any request',
      message(2, result(2, 0x65).subarray(5), pagedResults('x'.repeat(70_000))),
    ],
    ['a DN larger than any request', entry(2, 'x'.repeat(70_000), {})],
    ['a number of five bytes', element(0x30, element(0x02, Buffer.alloc(5)), element(0x65))],
    ['a number without bytes', element(0x30, element(0x02), element(0x65))],
    ['a negative id', element(0x30, element(0x02, Buffer.from([0xff])), element(0x65))],
    ['an unknown operation', message(2, element(0x7e))],
    ['values that are no octet strings', message(2, element(0x64, octets(''), element(0x30, integer(1))))],
    ['a tag of several bytes', message(2, Buffer.from('7f2400', 'hex'))],
    ['an indefinite length', Buffer.from('3007020102658004000000', 'hex')],
  ])('refuses %s', (_, bytes) => {
    expect(() => decode(bytes)).toThrow(invalid)
  })

  it('refuses values beyond the budget before it makes them, empty ones too', () => {
    const empty = Array.from({ length: 2_000 }, () => octets(''))
    const bytes = message(
      2,
      element(0x64, octets(''), element(0x30, element(0x30, octets('x'), element(0x31, ...empty)))),
    )
    expect(() => decode(bytes, 1_000)).toThrow('too many objects')
    expect(decode(bytes, 2_010)).toMatchObject({ kind: 'entry' })
  })

  it('throws a typed error or returns a message for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          decode(element(0x30, integer(1), Buffer.from(bytes)))
        } catch (error) {
          expect(isSyncError(error)).toBe(true)
        }
      }),
    )
  })
})
