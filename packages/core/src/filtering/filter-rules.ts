import { z } from 'zod'
import { SyncError } from '../errors.ts'
import { writeCanonical } from '../hashing/canonical-json.ts'
import { CanonicalProblem } from '../hashing/canonical-problem.ts'
import type { FilterRules } from '../model/sync-config.ts'
import { compileGlob } from './glob.ts'

const maxIdCodePoints = 255
const maxIssuesShown = 5
const maxItems = 10_000

const domain = z
  .string()
  .transform((text) => text.trim().replace(/^@/, '').toLowerCase())
  .refine((text) => /^[^\s@]+$/.test(text), 'must be a domain, such as "example.com"')

const externalId = z
  .string()
  .refine((id) => id.trim() !== '', 'must not be empty or only whitespace')
  .refine((id) => Array.from(id).length <= maxIdCodePoints, `must be at most ${maxIdCodePoints} code points`)

const nonEmpty = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .min(1, 'must not be empty, it would exclude every record; leave the rule out to keep all')
    .transform((items) => [...new Set(items)])

const schema = z.strictObject({
  groupNamePattern: z.string().optional(),
  groupIds: nonEmpty(externalId).optional(),
  emailDomains: nonEmpty(domain).optional(),
  memberOfSyncedGroups: z.boolean().optional(),
  maxRecords: z.number().int().positive().optional(),
})

const allowedRules = Object.keys(schema.shape).join(', ')

/**
 * Checks filter rules and brings them into one form: domains in lower case and without `@`, no repetitions, no
 * rules that are `undefined`.
 * @throws FILTER_INVALID, GLOB_INVALID
 */
export function parseFilterRules(value: unknown): FilterRules {
  refuseLongLists(value)
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw invalid(parsed.error.issues.slice(0, maxIssuesShown).map(describe).join('; '))
  const rules: FilterRules = Object.fromEntries(
    Object.entries(parsed.data).filter(([, rule]) => rule !== undefined),
  )
  if (rules.groupNamePattern !== undefined) compileGlob(rules.groupNamePattern)
  requireStorable(rules)
  return rules
}

/** Before each item is looked at: there may be very many. */
function refuseLongLists(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const name of ['groupIds', 'emailDomains']) {
    const list: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
    if (Array.isArray(list) && list.length > maxItems) {
      throw invalid(`${name} has ${list.length} items, at most ${maxItems} are possible`)
    }
  }
}

/** Rules are kept as JSON, under the limits of every JSON here. */
function requireStorable(rules: FilterRules): void {
  try {
    writeCanonical(rules, 'filterRules')
  } catch (error) {
    if (error instanceof CanonicalProblem) throw invalid(error.message)
    throw error
  }
}

function describe(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.map((key) => JSON.stringify(key.slice(0, 60))).join(', ')
    return `unknown rule ${names}; the rules are ${allowedRules}`
  }
  return path === '' ? issue.message : `${path}: ${issue.message}`
}

function invalid(fact: string): SyncError {
  return new SyncError('FILTER_INVALID', fact.startsWith('filterRules') ? fact : `filterRules: ${fact}`, {
    details: { path: 'filterRules' },
  })
}
