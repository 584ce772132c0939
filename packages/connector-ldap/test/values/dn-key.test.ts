import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dnKey } from '../../src/directory/dn-key.ts'

describe('dnKey', () => {
  it.each([
    ['cn=Ann,ou=People,dc=example', 'CN=ann, OU=people, DC=Example'],
    ['cn=A\\,B,dc=example', 'cn=a\\2CB,dc=example'],
    ['cn=A\\2c\\20B,dc=example', 'cn=A\\, B,dc=example'],
    ['cn="A,B",dc=example', 'cn=a\\,b,dc=example'],
    ['cn=\\C3\\84rzte,dc=example', 'cn=ärzte,dc=example'],
    ['cn=a+uid=b,dc=example', 'uid=B + cn=A,dc=example'],
    ['OID.2.5.4.3=x,dc=example', '2.5.4.3=X;dc=example'],
    ['cn=two   words,dc=example', 'cn=Two Words ,dc=example'],
    ['cn=back\\\\slash', 'cn=back\\5cslash'],
  ])('is the same for %s and %s', (one, other) => {
    expect(dnKey(one)).toBeDefined()
    expect(dnKey(one)).toBe(dnKey(other))
  })

  it.each([
    ['cn=a,cn=b', 'cn=a\\,cn\\=b'],
    ['cn=a,dc=x', 'dc=x,cn=a'],
    ['cn=a+uid=b', 'cn=a\\+uid\\=b'],
    ['cn=back\\\\,slash=x', 'cn=back\\\\\\,slash\\=x'],
    ['cn=1,dc=x', 'cn=11,dc=x'],
  ])('differs for %s and %s', (one, other) => {
    expect(dnKey(one)).not.toBe(dnKey(other))
  })

  it.each(['nonsense', 'cn=a,,dc=x', '=a'])('is undefined for %j', (text) => {
    expect(dnKey(text)).toBeUndefined()
  })

  it('never gives one key to values that differ beyond case and spaces', () => {
    const escape = (value: string): string =>
      [...Buffer.from(value)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')
    const plain = (value: string): string => value.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim()
    const value = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(value, value, (one, other) => {
        const same = dnKey(`cn=${escape(one)},dc=x`) === dnKey(`cn=${escape(other)},dc=x`)
        expect(same).toBe(plain(one) === plain(other))
      }),
    )
  })
})
