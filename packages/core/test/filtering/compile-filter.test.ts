import { describe, expect, test } from 'vitest'
import { compileFilter } from '../../src/filtering/compile-filter.ts'
import type { FilterRules } from '../../src/model/sync-config.ts'
import type { SanitisedRecord } from '../../src/records/sanitise-record.ts'

const record = (fields: { externalId?: string; displayName?: string; email?: string | null } = {}) => {
  const source = {
    externalId: 'g1',
    displayName: 'Team Ada',
    email: 'ada@example.com',
    attributes: {},
    ...fields,
  }
  return { ...source, attributesJson: '{}', source } satisfies SanitisedRecord
}

const table: readonly (readonly [rules: FilterRules | undefined, fields: object, passes: boolean])[] = [
  [undefined, {}, true],
  [{}, {}, true],
  [{ memberOfSyncedGroups: false }, {}, true],
  [{ maxRecords: 1 }, {}, true],
  [{ groupNamePattern: 'team*' }, {}, true],
  [{ groupNamePattern: 'team' }, {}, false],
  [{ groupIds: ['g0', 'g1'] }, {}, true],
  [{ groupIds: ['G1'] }, {}, false],
  [{ groupIds: ['g1'] }, { externalId: 'g1 ' }, false],
  [{ emailDomains: ['example.com'] }, {}, true],
  [{ emailDomains: ['Example.COM'] }, { email: 'ADA@eXample.com' }, true],
  [{ emailDomains: ['example.com'] }, { email: '"a@b"@example.com' }, true],
  [{ emailDomains: ['example.com'] }, { email: 'ada@sub.example.com' }, false],
  [{ emailDomains: ['example.com'] }, { email: 'ada@badexample.com' }, false],
  [{ emailDomains: ['example.com'] }, { email: 'ada@example.com@evil.example' }, false],
  [{ emailDomains: ['example.com'] }, { email: 'example.com' }, false],
  [{ emailDomains: ['example.com'] }, { email: '' }, false],
  [{ emailDomains: ['example.com'] }, { email: null }, false],
  [{ groupNamePattern: 'team*', groupIds: ['g1'], emailDomains: ['example.com'] }, {}, true],
  [{ groupNamePattern: 'x*', groupIds: ['g1'], emailDomains: ['example.com'] }, {}, false],
  [{ groupNamePattern: 'team*', groupIds: ['g2'], emailDomains: ['example.com'] }, {}, false],
  [{ groupNamePattern: 'team*', groupIds: ['g1'], emailDomains: ['example.org'] }, {}, false],
]

describe('compileFilter', () => {
  test.each(table)('%j on %j: %s', (rules, fields, passes) => {
    expect(compileFilter(rules)(record(fields))).toBe(passes)
  })

  test('memberOfSyncedGroups asks for the membership of the record as upstream gave it', () => {
    const member = record()
    const stranger = record({ externalId: 'g2' })
    const passes = compileFilter({ memberOfSyncedGroups: true }, (source) => source === member.source)
    expect(passes(member)).toBe(true)
    expect(passes(stranger)).toBe(false)
  })

  test('memberOfSyncedGroups holds together with the other rules', () => {
    const rules = { memberOfSyncedGroups: true, groupIds: ['g2'] }
    expect(compileFilter(rules, () => true)(record())).toBe(false)
    expect(compileFilter(rules, () => false)(record({ externalId: 'g2' }))).toBe(false)
    expect(compileFilter(rules, () => true)(record({ externalId: 'g2' }))).toBe(true)
  })

  test('without a known membership memberOfSyncedGroups is refused, not passed over', () => {
    expect(() => compileFilter({ memberOfSyncedGroups: true })).toThrow(
      expect.objectContaining({ code: 'GROUPS_NOT_SYNCED' }),
    )
  })
})
