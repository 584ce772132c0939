import type { JsonObject, JsonValue } from '../model/json.ts'
import type { LifecycleAction } from '../model/lifecycle-action.ts'
import type { FieldChange } from '../model/profile.ts'

/** The journal's `after` of an action that makes a user. */
export const afterCreate = (user: {
  readonly email: string
  readonly displayName: string
  readonly profile: readonly FieldChange[]
}): JsonObject => ({
  email: user.email,
  displayName: user.displayName,
  profile: user.profile.map(({ field, to, source }) => ({
    field,
    to: to ?? null,
    source: { ...sourceOf(source) },
  })),
})

const sourceOf = ({ connectorId, resourceType, sourcePath }: FieldChange['source']): JsonObject => ({
  source: 'connector',
  connectorId,
  resourceType,
  ...(sourcePath !== undefined && { sourcePath }),
})

/** Reads what `afterCreate` wrote. */
export function profileIn({ profile }: JsonObject): readonly FieldChange[] {
  if (!Array.isArray(profile)) return []
  return profile.flatMap((change): FieldChange | [] => {
    if (!isObject(change) || typeof change.field !== 'string' || !isObject(change.source)) return []
    const { connectorId, resourceType, sourcePath } = change.source
    if (typeof connectorId !== 'string' || typeof resourceType !== 'string') return []
    return {
      field: change.field,
      to: change.to,
      source: {
        source: 'connector',
        connectorId,
        resourceType,
        ...(typeof sourcePath === 'string' && { sourcePath }),
      },
    }
  })
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Texts of an action that makes a user. */
export function userIn({ after }: LifecycleAction): { readonly email: string; readonly displayName: string } {
  const { email, displayName } = after
  return {
    email: typeof email === 'string' ? email : '',
    displayName: typeof displayName === 'string' ? displayName : '',
  }
}
