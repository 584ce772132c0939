import { canonicalJson } from '../hashing/canonical-json.ts'
import type { JsonValue } from '../model/json.ts'
import type { SkippedRule } from '../model/post-sync-plan.ts'
import type { AttributeMapping } from '../model/post-sync-settings.ts'
import type { FieldChange, Profile } from '../model/profile.ts'
import type { Scope } from '../model/scope.ts'
import { compileSourcePath, type PathRoot } from './source-path.ts'

/** Profile fields that every host has; they hold text. */
const builtInFields = [
  'title',
  'department',
  'phoneNumber',
  'location',
  'employeeId',
  'costCenter',
  'startDate',
] as const

const textFields: ReadonlySet<string> = new Set(builtInFields)

/** What mapping a resource into a profile comes to. */
interface MappedAttributes {
  /** Ordered by field; empty when the profile is as the rules want it. */
  readonly changes: readonly FieldChange[]
  /** Rules whose value does not fit their field. */
  readonly skipped: readonly SkippedRule[]
}

/** Rules that work, and those that are reserved for later. */
export interface CompiledMappings {
  readonly map: (
    resource: PathRoot,
    profile: Pick<Profile, 'attributes' | 'attributeSources'>,
  ) => MappedAttributes
  /** Rules with a transform: reported once, whatever the resources are. */
  readonly reserved: readonly SkippedRule[]
}

interface Rule extends AttributeMapping {
  readonly read: (resource: PathRoot) => JsonValue | undefined
  readonly source: FieldChange['source']
}

/** A field while the rules go over it. */
interface Field {
  readonly value: JsonValue | undefined
  /** The rule that wrote it now; absent: it is as it was. */
  readonly by?: FieldChange['source'] | undefined
}

/**
 * Compiles the rules of a scope. They are carried out in their order, each seeing what the ones before it wrote, and
 * what comes of it is compared with the profile: nothing is written that is there already.
 *
 * A source that is absent, null or blank text never overwrites anything. With `clearWhenAbsent` it clears the field,
 * if this very rule of this scope wrote it last. A field in `overwrite_if_empty` is written while it is empty.
 * Fields of every host hold text: numbers and booleans are written as text there, lists and objects are skipped and
 * reported; other fields take any value as it is.
 */
export function compileMappings(scope: Scope, mappings: readonly AttributeMapping[]): CompiledMappings {
  const working = mappings.filter(
    ({ enabled, writeMode, transform }) => enabled && writeMode !== 'never_overwrite' && !transform,
  )
  const rules = working.map((mapping) => toRule(scope, mapping))
  const reserved = mappings
    .filter(({ enabled, transform }) => enabled && transform)
    .map(({ sourcePath, targetField }) => ({
      sourcePath,
      targetField,
      reason: 'transform is reserved: a rule with one is not carried out',
    }))
  return { map: (resource, profile) => mapAttributes(rules, resource, profile), reserved }
}

const toRule = ({ connectorId, resourceType }: Scope, mapping: AttributeMapping): Rule => ({
  ...mapping,
  read: compileSourcePath(mapping.sourcePath),
  source: { source: 'connector', connectorId, resourceType, sourcePath: mapping.sourcePath },
})

function mapAttributes(
  rules: readonly Rule[],
  resource: PathRoot,
  { attributes, attributeSources }: Pick<Profile, 'attributes' | 'attributeSources'>,
): MappedAttributes {
  const fields = new Map<string, Field>()
  const skipped: SkippedRule[] = []
  for (const rule of rules) {
    const { targetField, sourcePath } = rule
    const field = fields.get(targetField) ?? { value: own(attributes, targetField) }
    const found = rule.read(resource)
    const value = textFields.has(targetField) ? asText(found) : found
    if (value === undefined && found !== undefined) {
      const reason = `${targetField} holds text, and the value is ${Array.isArray(found) ? 'a list' : 'an object'}`
      skipped.push({ sourcePath, targetField, reason })
    } else if (!isEmpty(value)) {
      if (rule.writeMode === 'overwrite_always' || isEmpty(field.value))
        fields.set(targetField, { value, by: rule.source })
    } else if (rule.clearWhenAbsent && wrote(rule, field, own(attributeSources, targetField))) {
      fields.set(targetField, { value: undefined, by: rule.source })
    }
  }
  return { changes: changesIn(fields, attributes), skipped }
}

function changesIn(
  fields: ReadonlyMap<string, Field>,
  attributes: Profile['attributes'],
): readonly FieldChange[] {
  const changes: FieldChange[] = []
  for (const [field, { value: to, by }] of fields) {
    const from = own(attributes, field)
    if (!by || sameValue(from, to)) continue
    changes.push({
      field,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      source: by,
    })
  }
  return changes.toSorted((one, other) => (one.field < other.field ? -1 : 1))
}

/** Whether this very rule wrote what the field holds, now or before. */
function wrote(
  { source }: Rule,
  field: Field,
  before: Profile['attributeSources'][string] | undefined,
): boolean {
  const last = field.by ?? before
  return (
    field.value !== undefined &&
    last?.source === 'connector' &&
    last.connectorId === source.connectorId &&
    last.resourceType === source.resourceType &&
    last.sourcePath === source.sourcePath
  )
}

/** Never what is inherited: a field may be called `toString`. */
const own = <Value>(values: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined

const isEmpty = (value: JsonValue | undefined): boolean =>
  value === undefined || value === null || (typeof value === 'string' && value.trim() === '')

/** Undefined for what is no text, absent included. */
function asText(value: JsonValue | undefined): JsonValue | undefined {
  if (value === undefined || value === null || typeof value === 'string') return value
  return typeof value === 'object' ? undefined : String(value)
}

const sameValue = (one: JsonValue | undefined, other: JsonValue | undefined): boolean => {
  if (one === other) return true
  if (one === undefined || other === undefined) return false
  return canonicalJson(one) === canonicalJson(other)
}
