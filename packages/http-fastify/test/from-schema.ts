import fc from 'fast-check'

/** What of JSON Schema the OpenAPI document uses. */
interface Schema {
  readonly $ref?: string
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly type?: string | readonly string[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
}

/** Values that are trouble somewhere: in JSON, in text columns, in patterns, in objects. */
export const hostile: readonly unknown[] = [
  null,
  '',
  ' ',
  'a\u0000b',
  '\ud800',
  '\u202egnp.exe',
  '__proto__',
  'constructor.prototype',
  "'; drop table connector_resource; --",
  '%_\\',
  'x'.repeat(10_000),
  '../../etc/passwd',
  'a..b',
  'a.'.repeat(1_000),
  '4294967295',
  'toString.call',
  -1,
  0,
  10.5,
  1e400,
  2 ** 53,
  true,
  [],
  ['x'],
  {},
  { toString: 1 },
  { constructor: { prototype: { polluted: true } } },
  [[[[[[[[]]]]]]]],
]

/** Texts that a field of this name takes. */
const known: Readonly<Record<string, readonly string[]>> = {
  cronSchedule: ['0 0 1 1 *'],
  cronTimeZone: ['Europe/Berlin'],
  staleRetention: ['7d'],
}

/** Values as a schema says, and now and then others. `root` is the document that `$ref` points into. */
export function arbitraryOf(schema: Schema, root: object, name = ''): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 9, arbitrary: asSaid(schema, root, name) },
    { weight: 1, arbitrary: fc.constantFrom(...hostile) },
  )
}

function asSaid(schema: Schema, root: object, name: string): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) return arbitraryOf(resolve(schema.$ref, root), root, name)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return fc.oneof(...choices.map((choice) => arbitraryOf(choice, root, name)))
  if (schema.allOf?.[0]) return arbitraryOf(schema.allOf[0], root, name)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if ('const' in schema) return fc.constant(schema.const)
  const types = [schema.type ?? []].flat()
  if (types.length === 0) return fc.constantFrom(...hostile)
  return fc.oneof(...types.map((type) => ofType(type, schema, { root, name })))
}

function ofType(
  type: string,
  schema: Schema,
  { root, name }: { readonly root: object; readonly name: string },
): fc.Arbitrary<unknown> {
  switch (type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
    case 'number':
      return fc.integer({ min: schema.minimum ?? -5, max: Math.min(schema.maximum ?? 3_000, 3_000) })
    case 'array':
      return fc.array(arbitraryOf(schema.items ?? {}, root), { maxLength: 4 })
    case 'object':
      return objects(schema, root)
    default:
      return fc.constantFrom(
        ...(known[name] ?? ['user', 'group', '1', '2', 'email', 'attributes.department']),
      )
  }
}

/** Members are left out now and then, required ones too, and others come in. */
function objects({ properties = {}, required = [] }: Schema, root: object): fc.Arbitrary<unknown> {
  const members = Object.entries(properties).map(([name, member]) =>
    fc
      .tuple(fc.integer({ min: 0, max: 9 }), arbitraryOf(member, root, name))
      .map(([luck, value]) => (luck > (required.includes(name) ? 0 : 6) ? [[name, value]] : [])),
  )
  const strange = fc
    .tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom('x', 'id', 'tenantId', 'resolvedBy', '__proto__'))
    .map(([luck, name]) => (luck === 0 ? [[name, 1]] : []))
  return fc.tuple(...members, strange).map((parts) => {
    const made: Record<string, unknown> = {}
    // `__proto__` as JSON.parse makes it: an own member.
    for (const [name, value] of parts.flat() as [string, unknown][]) {
      Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true })
    }
    return made
  })
}

function resolve(pointer: string, root: object): Schema {
  const parts = pointer.replace(/^#\//, '').split('/')
  return parts.reduce<unknown>((value, part) => (value as Record<string, unknown>)[part], root) as Schema
}
