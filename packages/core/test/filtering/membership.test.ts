import { describe, expect, test } from 'vitest'
import { defaultGroupIds, defaultMemberIds } from '../../src/filtering/membership.ts'

describe.each([
  ['defaultGroupIds', 'groups', defaultGroupIds],
  ['defaultMemberIds', 'members', defaultMemberIds],
] as const)('%s', (_, field, idsOf) => {
  test('reads text and objects with an external id, in order', () => {
    const listed = ['a', { externalId: 'b', name: 'B' }, 'c']
    expect(idsOf({ attributes: { [field]: listed } })).toEqual(['a', 'b', 'c'])
  })

  test('passes over what is no id', () => {
    const listed = [
      1,
      null,
      undefined,
      ['a'],
      { id: 'b' },
      { externalId: 3 },
      Object.create({ externalId: 'c' }),
    ]
    expect(idsOf({ attributes: { [field]: listed } })).toEqual([])
  })

  test.each([{}, { [field]: null }, { [field]: 'a' }, { [field]: { externalId: 'a' } }])(
    'finds nothing in %j',
    (attributes) => {
      expect(idsOf({ attributes })).toEqual([])
    },
  )

  test('reads own properties only', () => {
    const prototype: object = Object.prototype
    Object.defineProperty(prototype, field, { value: ['a'], configurable: true })
    try {
      expect(idsOf({ attributes: {} })).toEqual([])
    } finally {
      Reflect.deleteProperty(prototype, field)
    }
  })
})
