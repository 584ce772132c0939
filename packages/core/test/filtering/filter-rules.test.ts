import { describe, expect, test } from 'vitest'
import { parseFilterRules } from '../../src/filtering/filter-rules.ts'

describe('parseFilterRules', () => {
  test('takes every rule', () => {
    const rules = {
      groupNamePattern: 'team-*',
      groupIds: ['g1', ' G1', '007'],
      emailDomains: ['example.com'],
      memberOfSyncedGroups: true,
      maxRecords: 10,
    }
    expect(parseFilterRules(rules)).toStrictEqual(rules)
    expect(parseFilterRules({})).toStrictEqual({})
  })

  test('brings domains into one form and drops repetitions and what is undefined', () => {
    const rules = {
      emailDomains: ['@Example.COM', ' example.com ', 'other.example'],
      groupIds: ['a', 'a', 'A'],
      maxRecords: undefined,
    }
    expect(parseFilterRules(rules)).toStrictEqual({
      emailDomains: ['example.com', 'other.example'],
      groupIds: ['a', 'A'],
    })
  })

  test.each<readonly [string, unknown, RegExp]>([
    ['nothing', null, /expected object/],
    ['a list', [], /expected object/],
    [
      'an unknown rule',
      { groupNames: 1 },
      /unknown rule "groupNames"; .*groupNamePattern, groupIds, .*maxRecords/,
    ],
    ['a name of prototypes', JSON.parse('{"__proto__":{}}'), /unknown rule "__proto__"/],
    ['a pattern that is no text', { groupNamePattern: /a/ }, /groupNamePattern: /],
    ['a null rule', { groupIds: null }, /groupIds: /],
    ['one id instead of a list', { groupIds: 'g1' }, /groupIds: /],
    ['a number as id', { groupIds: ['g1', 2] }, /groupIds\.1: /],
    ['a blank id', { groupIds: [' '] }, /groupIds\.0: must not be empty/],
    ['an endless id', { groupIds: ['x'.repeat(256)] }, /groupIds\.0: must be at most 255/],
    ['U+0000 in an id', { groupIds: ['a\0'] }, /groupIds\[0\] holds U\+0000/],
    ['no ids at all', { groupIds: [] }, /groupIds: .*would exclude every record/],
    ['no domains at all', { emailDomains: [] }, /emailDomains: .*would exclude every record/],
    ['an address as domain', { emailDomains: ['ada@example.com'] }, /emailDomains\.0: must be a domain/],
    ['an empty domain', { emailDomains: ['@'] }, /emailDomains\.0: must be a domain/],
    ['text for yes', { memberOfSyncedGroups: 'yes' }, /memberOfSyncedGroups: /],
    ['no records at all', { maxRecords: 0 }, /maxRecords: /],
    ['half a record', { maxRecords: 1.5 }, /maxRecords: /],
    ['endless records', { maxRecords: Number.POSITIVE_INFINITY }, /maxRecords: /],
    [
      'more than can be kept',
      { groupIds: Array.from({ length: 70_000 }, (_, id) => `group-${id}-x`) },
      /70000 items/,
    ],
  ])('%s is refused, by name', (_, rules, message) => {
    const refuse = (): unknown => parseFilterRules(rules)
    expect(refuse).toThrow(message)
    expect(refuse).toThrow(expect.objectContaining({ code: 'FILTER_INVALID' }))
  })

  test('many faults do not make an endless message', () => {
    const groupIds = Array.from({ length: 10_000 }, (_, id) => id)
    expect(() => parseFilterRules({ groupIds })).toThrow(/^.{0,1000}$/)
  })

  test.each(['', '*'.repeat(17), 'x'.repeat(257)])('the glob %j is refused', (groupNamePattern) => {
    expect(() => parseFilterRules({ groupNamePattern })).toThrow(
      expect.objectContaining({ code: 'GLOB_INVALID' }),
    )
  })
})
