import { isSyncError } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import { parseAttributeMappings } from '../../src/mapping/attribute-mappings.ts'

const rule = { sourcePath: 'attributes.title', targetField: 'title', writeMode: 'overwrite_always' }

describe('mapping rules', () => {
  test('have their defaults, and nothing that says nothing', () => {
    const given = [
      { ...rule, transform: '', clearWhenAbsent: false },
      { ...rule, transform: null, enabled: false },
    ]
    expect(parseAttributeMappings(given)).toEqual([
      { ...rule, enabled: true },
      { ...rule, enabled: false },
    ])
  })

  test('with a transform are let through: they are kept, skipped and reported', () => {
    expect(parseAttributeMappings([{ ...rule, transform: 'upper(value)' }])).toEqual([
      { ...rule, enabled: true, transform: 'upper(value)' },
    ])
  })

  test.each([
    ['no list', rule, /attributeMappings: /],
    ['an unknown key', [{ ...rule, format: 'x' }], /attributeMappings\.0: /],
    ['no such mode', [{ ...rule, writeMode: 'overwrite' }], /attributeMappings\.0\.writeMode: /],
    ['no path', [{ ...rule, sourcePath: '' }], /"" has an empty segment/],
    ['a path that begins elsewhere', [{ ...rule, sourcePath: 'hash' }], /"hash" must begin with one of/],
    ['an unsafe segment', [{ ...rule, sourcePath: 'attributes.__proto__.x' }], /names "__proto__"/],
    ['an empty field', [{ ...rule, targetField: ' ' }], /" " is empty/],
    [
      'an unsafe field',
      [{ ...rule, targetField: 'constructor' }],
      /"constructor" is a name that is never stored/,
    ],
    ['a field that cannot be stored', [{ ...rule, targetField: 'a\0' }], /holds U\+0000/],
    ['a field of 256 letters', [{ ...rule, targetField: 'x'.repeat(256) }], /has over 255 code points/],
    ['too many', Array.from({ length: 257 }, () => rule), /attributeMappings: /],
  ])('are refused with SYNC_CONFIG_INVALID: %s', (_name, given, message) => {
    const refused = (): unknown => {
      try {
        return parseAttributeMappings(given)
      } catch (error) {
        return error
      }
    }
    const error = refused()
    expect(isSyncError(error, 'SYNC_CONFIG_INVALID')).toBe(true)
    expect(error).toHaveProperty('message', expect.stringMatching(message))
  })
})
