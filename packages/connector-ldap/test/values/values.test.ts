import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attributeValue } from '../../src/values/attribute-value.ts'
import { parseFiletime } from '../../src/values/filetime.ts'
import { generalizedTime, parseGeneralizedTime } from '../../src/values/generalized-time.ts'
import { guidText } from '../../src/values/guid.ts'
import { relativeId, siblingSid, sidText } from '../../src/values/sid.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('guidText', () => {
  it('reads the first three fields with their lowest byte first, the rest as they are', () => {
    // The GUID of the Users container in every Active Directory, wellKnownObjects: the bytes as they are on the wire.
    expect(guidText(hex('15 ca d1 a9 88 6f d1 11 ad ed 00 c0 4f d8 d5 cd'))).toBe(
      'a9d1ca15-6f88-11d1-aded-00c04fd8d5cd',
    )
    expect(guidText(hex('00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff'))).toBe(
      '33221100-5544-7766-8899-aabbccddeeff',
    )
  })

  it('is undefined for anything but 16 bytes', () => {
    expect(guidText(hex('00 11'))).toBeUndefined()
  })

  it('gives different texts to different bytes', () => {
    const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((array) => Buffer.from(array))
    fc.assert(
      fc.property(bytes, bytes, (one, other) => (guidText(one) === guidText(other)) === one.equals(other)),
    )
  })
})

describe('sidText', () => {
  // S-1-5-21-3623811015-3361044348-30300820-1013
  const sid = hex('01 05 00 00 00 00 00 05 15 00 00 00 c7 f7 fe d7 7c 77 55 c8 94 5a ce 01 f5 03 00 00')

  it('reads revision, authority and parts', () => {
    expect(sidText(sid)).toBe('S-1-5-21-3623811015-3361044348-30300820-1013')
    // BUILTIN\Administrators
    expect(sidText(hex('01 02 00 00 00 00 00 05 20 00 00 00 20 02 00 00'))).toBe('S-1-5-32-544')
  })

  it('is undefined for bytes that are no SID', () => {
    for (const bytes of [
      '',
      '01',
      '02 01 00 00 00 00 00 05 20 00 00 00',
      '01 02 00 00 00 00 00 05 20 00 00 00',
    ]) {
      expect(sidText(hex(bytes))).toBeUndefined()
    }
  })

  it('finds the last part and the SID of a sibling', () => {
    expect(relativeId(sid)).toBe(1013)
    expect(sidText(siblingSid(sid, 513) ?? Buffer.alloc(0))).toBe(
      'S-1-5-21-3623811015-3361044348-30300820-513',
    )
    expect(siblingSid(sid, Number.NaN)).toBeUndefined()
    expect(sidText(sid)).toBe('S-1-5-21-3623811015-3361044348-30300820-1013')
  })
})

describe('generalized time', () => {
  it.each([
    ['20260101120000Z', '2026-01-01T12:00:00.000Z'],
    ['20260101120000.0Z', '2026-01-01T12:00:00.000Z'],
    ['20260101120000.685758Z', '2026-01-01T12:00:00.685Z'],
    ['20260101120000,5Z', '2026-01-01T12:00:00.500Z'],
    ['20260101120000+0130', '2026-01-01T10:30:00.000Z'],
    ['20260101120000-05', '2026-01-01T17:00:00.000Z'],
    ['202601011230Z', '2026-01-01T12:30:00.000Z'],
    ['2026010112.5Z', '2026-01-01T12:30:00.000Z'],
    ['16010101000000.0Z', '1601-01-01T00:00:00.000Z'],
  ])('reads %s', (text, iso) => {
    expect(parseGeneralizedTime(text)).toBe(iso)
  })

  it.each([
    '',
    '2026',
    '20260101120000',
    '20260231120000Z',
    '20261301120000Z',
    '000001010000Z',
    '20260101250000Z',
    'never',
  ])('is undefined for %j', (text) => {
    expect(parseGeneralizedTime(text)).toBeUndefined()
  })

  it('is cut to the second and never later than asked', () => {
    expect(generalizedTime('2026-01-01T12:00:00.999Z')).toBe('20260101120000.0Z')
    expect(generalizedTime('2026-01-01T12:00:00+02:00')).toBe('20260101100000.0Z')
    const instants = fc.date({
      min: new Date('1970-01-01'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(instants, (instant) => {
        const back = Date.parse(parseGeneralizedTime(generalizedTime(instant.toISOString())) ?? '')
        expect(instant.getTime() - back).toBeGreaterThanOrEqual(0)
        expect(instant.getTime() - back).toBeLessThan(1_000)
      }),
    )
  })
})

describe('parseFiletime', () => {
  it.each([
    ['116444736000000000', '1970-01-01T00:00:00.000Z'],
    ['133485408000000000', '2024-01-01T00:00:00.000Z'],
    ['1', '1601-01-01T00:00:00.000Z'],
    ['0', null],
    ['9223372036854775807', null],
    ['9223372036854775806', undefined],
    ['-1', undefined],
    ['soon', undefined],
  ])('reads %s as %s', (text, iso) => {
    expect(parseFiletime(text)).toBe(iso)
  })
})

describe('attributeValue', () => {
  const texts = (...values: string[]): Buffer[] => values.map((value) => Buffer.from(value))

  it('sorts several values, so that a server’s order is never a change', () => {
    expect(attributeValue(texts('b', 'c', 'a'), 'text')).toEqual(['a', 'b', 'c'])
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 2 }), (values) => {
        expect(attributeValue(texts(...values), 'list')).toEqual(
          attributeValue(texts(...values.toReversed()), 'list'),
        )
      }),
    )
  })

  it('is a list for a list also with one value, and undefined without any', () => {
    expect(attributeValue(texts('a'), 'list')).toEqual(['a'])
    expect(attributeValue(texts('a'), 'text')).toBe('a')
    expect(attributeValue([], 'list')).toBeUndefined()
  })

  it.each([
    ['TRUE', 'boolean', true],
    ['FALSE', 'boolean', false],
    ['-2147483646', 'integer', -2147483646],
    ['20260101120000Z', 'time', '2026-01-01T12:00:00.000Z'],
    ['0', 'filetime', null],
  ] as const)('reads %s as %s', (text, kind, value) => {
    expect(attributeValue(texts(text), kind)).toBe(value)
  })

  it.each([
    ['maybe', 'boolean'],
    ['9007199254740993', 'integer'],
    ['12a', 'integer'],
    ['yesterday', 'time'],
    ['yesterday', 'filetime'],
    ['no sixteen bytes', 'sid'],
  ] as const)('keeps %j as text where it is no %s', (text, kind) => {
    expect(attributeValue(texts(text), kind)).toBe(text)
  })

  it('keeps bytes that are no text as base64', () => {
    expect(attributeValue([Buffer.from([0xff, 0xfe])], 'text')).toEqual({ base64: '//4=' })
    expect(attributeValue(texts('abc'), 'base64')).toBe('YWJj')
  })
})
