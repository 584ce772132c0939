import type { JsonObject } from './json.ts'
import type { MatchStrategy } from './match.ts'

/**
 * overwrite_always: whenever the resource has a value · overwrite_if_empty: only where the field is null, absent or
 * blank text · never_overwrite: never.
 */
export const writeModes = ['overwrite_always', 'overwrite_if_empty', 'never_overwrite'] as const

/** One rule that copies a value of a resource into a profile. */
export interface AttributeMapping {
  /** Own-property dot path into the resource: `email`, `attributes.departmentCode`. */
  readonly sourcePath: string
  /** `title`, `department`, `phoneNumber`, `location`, `employeeId`, `costCenter`, `startDate`, or a name of the host's. */
  readonly targetField: string
  readonly writeMode: (typeof writeModes)[number]
  /** Reserved: a rule with a transform is skipped and reported. */
  readonly transform?: string | undefined
  readonly enabled: boolean
  /** Clears the field when the resource has no value any more, if this very rule wrote it. @default false */
  readonly clearWhenAbsent?: boolean | undefined
}

/**
 * When post-sync refuses to deactivate: more than max(`minUsers`, `percent` of the users linked through the scope)
 * would go, or more than `maxUsers`.
 */
export interface DeactivationGuard {
  readonly minUsers: number
  readonly percent: number
  /** @default no limit of its own */
  readonly maxUsers?: number | undefined
}

/** none: no jobs · per_record: changed resources, at most 500 a job · summary: one job per post-sync. */
export const syncTriggerModes = ['none', 'per_record', 'summary'] as const

export type SyncTriggerMode = (typeof syncTriggerModes)[number]

/** What post-sync does for one (connector, resource type). Nothing beyond matching unless it is asked for. */
export interface PostSyncSettings {
  readonly userMatchStrategy: MatchStrategy
  /** Tried in order when the primary finds nobody; repetitions are ignored. */
  readonly userMatchFallbackStrategies: readonly MatchStrategy[]
  /** Dot path of the issuer, for `email_and_issuer`. @default attributes.identityIssuer */
  readonly issuerSourcePath?: string | undefined
  readonly createUsers: boolean
  /** Profile fields of users made by `createUsers` or by an operator. */
  readonly createUserDefaults: JsonObject
  /** Deactivates users whose only resource is stale or gone, and reactivates them when it returns. */
  readonly deactivateUsers: boolean
  /** `null` switches the guard off. */
  readonly deactivationGuard: DeactivationGuard | null
  readonly attributeMappings: readonly AttributeMapping[]
  readonly postSyncWorkflowId?: string | undefined
  readonly syncTriggerMode: SyncTriggerMode
}
