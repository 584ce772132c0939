import type { AttributeMapping, AttributeSource, FieldChange, JsonValue, Profile } from '@syncline/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileMappings } from '../../src/mapping/map-attributes.ts'
import type { PathRoot } from '../../src/mapping/source-path.ts'

const scope = { connectorId: 'hr', resourceType: 'user' }
const byRule: AttributeSource = { source: 'connector', ...scope, sourcePath: 'attributes.v' }

const resourceWith = (attributes: PathRoot['attributes']): PathRoot => ({
  externalId: 'e-1',
  displayName: 'Jane Doe',
  email: null,
  attributes,
})

const rule = (fields: Partial<AttributeMapping> = {}): AttributeMapping => ({
  sourcePath: 'attributes.v',
  targetField: 'custom',
  writeMode: 'overwrite_always',
  enabled: true,
  ...fields,
})

interface Given {
  readonly rules: readonly AttributeMapping[]
  readonly attributes: PathRoot['attributes']
  readonly profile?: Readonly<Record<string, JsonValue>>
  readonly sources?: Readonly<Record<string, AttributeSource>>
}

const map = ({ rules, attributes, profile = {}, sources = {} }: Given) =>
  compileMappings(scope, rules).map(resourceWith(attributes), {
    attributes: { ...profile },
    attributeSources: sources,
  })

/** What a field holds afterwards; `unchanged` when no change is planned. */
function outcome(given: Given, field = 'custom'): unknown {
  const change = map(given).changes.find((one) => one.field === field)
  return change ? { to: change.to } : 'unchanged'
}

describe('a value and where it goes', () => {
  const date = '2026-03-01T00:00:00.000Z'
  test.each<[string, JsonValue, { field: unknown; text: unknown }]>([
    ['text', 'Sales', { field: 'Sales', text: 'Sales' }],
    ['text with white space around it, kept', ' Sales ', { field: ' Sales ', text: ' Sales ' }],
    ['a number', 1042, { field: 1042, text: '1042' }],
    ['a number as text', '007', { field: '007', text: '007' }],
    ['a large number', 1e21, { field: 1e21, text: '1e+21' }],
    ['a negative fraction', -0.5, { field: -0.5, text: '-0.5' }],
    ['zero', 0, { field: 0, text: '0' }],
    ['true', true, { field: true, text: 'true' }],
    ['false', false, { field: false, text: 'false' }],
    ['a day', '2026-03-01', { field: '2026-03-01', text: '2026-03-01' }],
    ['an instant', date, { field: date, text: date }],
    ['a list', ['a', 'b'], { field: ['a', 'b'], text: 'skipped' }],
    ['an empty list', [], { field: [], text: 'skipped' }],
    ['a list of one', ['+49 30 1'], { field: ['+49 30 1'], text: 'skipped' }],
    ['an object', { a: [1] }, { field: { a: [1] }, text: 'skipped' }],
  ])('%s', (_name, value, { field, text }) => {
    const attributes = { v: value }
    expect(outcome({ rules: [rule()], attributes })).toEqual({ to: field })
    const builtIn = map({ rules: [rule({ targetField: 'employeeId' })], attributes })
    if (text === 'skipped') {
      expect(builtIn.changes).toEqual([])
      expect(builtIn.skipped).toEqual([
        {
          sourcePath: 'attributes.v',
          targetField: 'employeeId',
          reason: expect.stringMatching(/holds text/),
        },
      ])
    } else {
      expect(builtIn.changes.map(({ to }) => to)).toEqual([text])
      expect(builtIn.skipped).toEqual([])
    }
  })
})

describe('write modes', () => {
  const empty: [string, JsonValue | undefined][] = [
    ['absent', undefined],
    ['null', null],
    ['empty text', ''],
    ['blank text', ' \t'],
  ]
  const full: [string, JsonValue][] = [
    ['text', 'old'],
    ['zero', 0],
    ['false', false],
    ['an empty list', []],
  ]
  const given = (writeMode: AttributeMapping['writeMode'], before: JsonValue | undefined): Given => ({
    rules: [rule({ writeMode })],
    attributes: { v: 'new' },
    ...(before !== undefined && { profile: { custom: before } }),
  })

  test.each([...empty, ...full])('overwrite_always writes over %s', (_name, before) =>
    expect(outcome(given('overwrite_always', before))).toEqual({ to: 'new' }),
  )
  test.each(empty)('overwrite_if_empty writes over %s', (_name, before) =>
    expect(outcome(given('overwrite_if_empty', before))).toEqual({ to: 'new' }),
  )
  test.each(full)('overwrite_if_empty leaves %s', (_name, before) =>
    expect(outcome(given('overwrite_if_empty', before))).toBe('unchanged'),
  )
  test.each([...empty, ...full])('never_overwrite leaves %s', (_name, before) =>
    expect(outcome(given('never_overwrite', before))).toBe('unchanged'),
  )
  test('a rule that is switched off writes nothing', () => {
    const rules = [rule({ enabled: false })]
    expect(outcome({ rules, attributes: { v: 'new' } })).toBe('unchanged')
  })
  test.each(empty.slice(1))('a source that is %s overwrites nothing', (_name, value) => {
    const attributes = { v: value ?? null }
    expect(outcome({ rules: [rule()], attributes, profile: { custom: 'old' } })).toBe('unchanged')
  })
  test('a rule with a transform is skipped and reported, once, whatever the resources are', () => {
    const compiled = compileMappings(scope, [
      rule({ transform: 'upper' }),
      rule({ transform: 'x', enabled: false }),
    ])
    expect(compiled.reserved).toEqual([
      {
        sourcePath: 'attributes.v',
        targetField: 'custom',
        reason: expect.stringMatching(/^transform is reserved/),
      },
    ])
    const profile = { attributes: {}, attributeSources: {} }
    expect(compiled.map(resourceWith({ v: 'new' }), profile)).toEqual({ changes: [], skipped: [] })
  })
})

describe('clearing', () => {
  const clearing = [rule({ clearWhenAbsent: true })]
  const gone = (sources: Record<string, AttributeSource>, rules = clearing): unknown =>
    outcome({ rules, attributes: {}, profile: { custom: 'old' }, sources })

  test('clears what this very rule of this scope wrote', () =>
    expect(gone({ custom: byRule })).toEqual({ to: undefined }))
  test('is not done unless it is asked for', () =>
    expect(gone({ custom: byRule }, [rule()])).toBe('unchanged'))
  test.each<[string, AttributeSource]>([
    ['by hand', { source: 'manual' }],
    ['at a sign-in', { source: 'oidc' }],
    ['by a workflow', { source: 'workflow' }],
    ['by a rule from another path', { ...byRule, sourcePath: 'displayName' }],
    ['by another connector', { ...byRule, connectorId: 'crm' }],
    ['by another resource type', { ...byRule, resourceType: 'contact' }],
    ['by the defaults of a created user', { source: 'connector', ...scope }],
  ])('never clears what was written %s', (_name, source) =>
    expect(gone({ custom: source })).toBe('unchanged'),
  )
  test('never clears a field of which nothing is known', () => expect(gone({})).toBe('unchanged'))
  test('of a field that is not there is no change', () =>
    expect(outcome({ rules: clearing, attributes: {}, sources: { custom: byRule } })).toBe('unchanged'))
})

describe('rules together', () => {
  const first = rule({ sourcePath: 'attributes.a', clearWhenAbsent: true })
  const second = rule({ sourcePath: 'attributes.b', writeMode: 'overwrite_if_empty' })

  test('are carried out in order, each seeing what the ones before wrote', () => {
    expect(outcome({ rules: [first, second], attributes: { a: 'A', b: 'B' } })).toEqual({ to: 'A' })
    expect(outcome({ rules: [second, first], attributes: { a: 'A', b: 'B' } })).toEqual({ to: 'A' })
    expect(outcome({ rules: [first, second], attributes: { b: 'B' } })).toEqual({ to: 'B' })
  })
  test('one clears, the next fills', () => {
    const sources = { custom: { ...byRule, sourcePath: 'attributes.a' } }
    const given = { rules: [first, second], attributes: { b: 'B' }, profile: { custom: 'A' }, sources }
    const [change] = map(given).changes
    expect(change).toMatchObject({ from: 'A', to: 'B', source: { sourcePath: 'attributes.b' } })
  })
  test('a change says from what, to what, and which rule', () => {
    expect(map({ rules: [rule()], attributes: { v: 'new' }, profile: { custom: 'old' } }).changes).toEqual([
      { field: 'custom', from: 'old', to: 'new', source: byRule },
    ])
  })
  test('changes are ordered by field', () => {
    const rules = ['b', 'a', 'C'].map((targetField) => rule({ targetField }))
    expect(map({ rules, attributes: { v: 1 } }).changes.map(({ field }) => field)).toEqual(['C', 'a', 'b'])
  })
  test('equal content is no change, whatever the order of its members', () => {
    const given = {
      rules: [rule()],
      attributes: { v: { a: 1, b: [2] } },
      profile: { custom: { b: [2], a: 1 } },
    }
    expect(outcome(given)).toBe('unchanged')
  })
  test('a field may be called like a method of every object', () => {
    const rules = [rule({ targetField: 'toString', writeMode: 'overwrite_if_empty' })]
    expect(outcome({ rules, attributes: { v: 'own' } }, 'toString')).toEqual({ to: 'own' })
  })
})

test('mapping the same resource twice changes nothing the second time', () => {
  const value = fc.oneof(
    fc.constantFrom(null, '', ' ', 'x', 0, 1, false),
    fc.array(fc.constantFrom('a', 'b')),
  )
  const rules = fc.array(
    fc.record({
      sourcePath: fc.constantFrom('attributes.a', 'attributes.b', 'attributes.c', 'displayName'),
      targetField: fc.constantFrom('title', 'custom', 'other'),
      writeMode: fc.constantFrom('overwrite_always', 'overwrite_if_empty', 'never_overwrite'),
      enabled: fc.boolean(),
      clearWhenAbsent: fc.boolean(),
    }),
    { maxLength: 6 },
  )
  const attributes = fc.dictionary(fc.constantFrom('a', 'b', 'c'), value)
  const before = fc.dictionary(fc.constantFrom('title', 'custom', 'other'), value)
  fc.assert(
    fc.property(fc.record({ rules, earlier: attributes, later: attributes, before }), (given) => {
      const compiled = compileMappings(scope, given.rules)
      let profile: StandingProfile = { attributes: given.before, attributeSources: {} }
      for (const resource of [given.earlier, given.later]) {
        profile = apply(profile, compiled.map(resourceWith(resource), profile).changes)
        expect(compiled.map(resourceWith(resource), profile).changes).toEqual([])
      }
    }),
  )
})

type StandingProfile = Pick<Profile, 'attributes' | 'attributeSources'>

function apply(profile: StandingProfile, changes: readonly FieldChange[]): StandingProfile {
  const values = new Map(Object.entries(profile.attributes))
  const sources = new Map(Object.entries(profile.attributeSources))
  for (const { field, to, source } of changes) {
    if (to === undefined) values.delete(field)
    else values.set(field, to)
    sources.set(field, source)
  }
  return { attributes: Object.fromEntries(values), attributeSources: Object.fromEntries(sources) }
}
