import { z } from 'zod'
import { SyncError } from '../errors.ts'
import { textProblem } from '../hashing/json-text.ts'
import { isUnsafeName } from '../hashing/member-order.ts'
import { type AttributeMapping, writeModes } from '../model/post-sync-settings.ts'
import { sourcePathProblem } from './source-path.ts'

const maxMappings = 256
const maxFieldCodePoints = 255
const maxIssuesShown = 5
const maxShown = 60

const sourcePath = z.string().superRefine((path, context) => {
  const problem = sourcePathProblem(path)
  if (problem !== undefined) context.addIssue(`${quoted(path)} ${problem}`)
})

const targetField = z.string().superRefine((field, context) => {
  const problem = targetFieldProblem(field)
  if (problem !== undefined) context.addIssue(`${quoted(field)} ${problem}`)
})

const mapping = z.strictObject({
  sourcePath,
  targetField,
  writeMode: z.enum(writeModes),
  transform: z.string().nullish(),
  enabled: z.boolean().default(true),
  clearWhenAbsent: z.boolean().optional(),
})

const schema = z.array(mapping).max(maxMappings)

/**
 * Checks mapping rules and brings them into one form. A non-empty `transform` is let through: such a rule is kept,
 * skipped and reported.
 * @throws SYNC_CONFIG_INVALID
 */
export function parseAttributeMappings(value: unknown): readonly AttributeMapping[] {
  const parsed = schema.safeParse(value)
  if (!parsed.success) {
    const facts = parsed.error.issues.slice(0, maxIssuesShown).map(({ path, message }) => {
      const place = ['attributeMappings', ...path.map(String)].join('.')
      return `${place}: ${message}`
    })
    throw new SyncError('SYNC_CONFIG_INVALID', facts.join('; '), { details: { path: 'attributeMappings' } })
  }
  return parsed.data.map(({ transform, clearWhenAbsent, ...rule }) => ({
    ...rule,
    ...(transform && { transform }),
    ...(clearWhenAbsent && { clearWhenAbsent }),
  }))
}

/** A field is one name, whatever characters it has: nothing in it is a path. */
function targetFieldProblem(field: string): string | undefined {
  if (field.trim() === '') return 'is empty'
  if (Array.from(field).length > maxFieldCodePoints) return `has over ${maxFieldCodePoints} code points`
  if (isUnsafeName(field)) return 'is a name that is never stored'
  return textProblem(field)?.fact
}

const quoted = (text: string): string =>
  JSON.stringify(text.length > maxShown ? `${text.slice(0, maxShown)}…` : text)
