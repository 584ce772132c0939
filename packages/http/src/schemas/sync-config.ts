import { matchStrategies, type SyncConfig, syncTriggerModes, writeModes } from '@syncline/core'
import { z } from 'zod'
import { boundedList } from './bounded-list.ts'
import { connectorId, externalId, resourceType } from './ids.ts'
import { instant } from './instant.ts'
import { jsonValue } from './json-value.ts'

const percent = z.number().min(0).max(100)
const count = z.int().min(0)
const dotPath = z.string().min(1).max(1_024)

/** Items of one list of a filter rule. */
const longestList = 10_000
/** Fields of a profile. */
const mostFields = 256

const filterRules = z
  .strictObject({
    groupNamePattern: z.string().max(256).optional(),
    groupIds: boundedList(externalId, longestList).optional(),
    emailDomains: boundedList(z.string().min(1).max(255), longestList).optional(),
    memberOfSyncedGroups: z.boolean().optional(),
    maxRecords: z.int().min(1).optional(),
  })
  .meta({ id: 'FilterRules', description: 'Which records are kept; every rule given must hold.' })

const attributeMapping = z
  .strictObject({
    sourcePath: dotPath,
    targetField: z.string().min(1).max(255),
    writeMode: z.enum(writeModes),
    transform: z.string().max(1_024).nullable().optional(),
    enabled: z.boolean().optional(),
    clearWhenAbsent: z.boolean().optional(),
  })
  .meta({ id: 'AttributeMapping', description: 'One rule that copies a value of a resource into a profile.' })

const removalGuard = z.strictObject({ minRows: count, percent }).meta({ id: 'RemovalGuard' })

const deactivationGuard = z
  .strictObject({ minUsers: count, percent, maxUsers: count.optional() })
  .meta({ id: 'DeactivationGuard' })

/** The settings of a sync config, as they are said and answered. */
const settings = {
  enabled: z.boolean().meta({ description: 'Whether its schedule runs it. On create: false.' }),
  strategy: z.enum(['full', 'incremental']).meta({ description: 'On create: full.' }),
  cronSchedule: z
    .string()
    .max(64)
    .nullable()
    .meta({ description: 'Five fields, in UTC or `cronTimeZone`. On create: null.', example: '0 */6 * * *' }),
  cronTimeZone: z.string().max(64).nullable().meta({ description: 'IANA name. On create: null, UTC.' }),
  filterRules: filterRules.nullable().meta({ description: 'On create: null, everything is kept.' }),
  staleRetention: z.string().max(32).meta({
    description: 'How long a stale resource is kept: `<n>(m|h|d|w)`. On create: 7d.',
    example: '7d',
  }),
  attributeMappings: z.array(attributeMapping).max(256).nullable().meta({ description: 'On create: null.' }),
  userMatchStrategy: z.enum(matchStrategies).meta({ description: 'Tried first. On create: email.' }),
  userMatchFallbackStrategies: z
    .array(z.enum(matchStrategies))
    .max(32)
    .nullable()
    .meta({ description: 'Tried in order after the primary. On create: null.' }),
  issuerSourcePath: dotPath.nullable().meta({
    description: 'For `email_and_issuer`. On create: null, which reads `attributes.identityIssuer`.',
  }),
  postSyncWorkflowId: z.string().min(1).max(255).nullable().meta({ description: 'On create: null.' }),
  syncTriggerMode: z.enum(syncTriggerModes).meta({ description: 'On create: none.' }),
  createUsers: z.boolean().meta({ description: 'On create: false.' }),
  deactivateUsers: z.boolean().meta({ description: 'On create: false.' }),
  createUserDefaults: z
    .record(z.string().min(1).max(255), jsonValue)
    .refine((fields) => Object.keys(fields).length <= mostFields, `must have at most ${mostFields} fields`)
    .nullable()
    .meta({ description: 'Profile fields of users that are created. On create: null.' }),
  deactivationGuard: deactivationGuard
    .nullable()
    .meta({ description: 'null switches it off. On create: 10 users or 20 %.' }),
  volatilePaths: z
    .array(dotPath)
    .max(256)
    .meta({ description: 'Paths that do not count as a change. On create: none.' }),
  pageSize: z.int().min(1).max(10_000).meta({ description: 'Records asked for per page. On create: 500.' }),
  removalGuard: removalGuard
    .nullable()
    .meta({ description: 'null switches it off. On create: 10 rows or 20 %.' }),
} as const

/** Settings to create or change: a field that is left out keeps its value, or gets its default on create. */
export const syncConfigChange = z.strictObject(settings).partial().meta({
  id: 'SyncConfigChange',
  description: 'Only the fields to change; on create the others get their defaults.',
})

/** The change as core takes it: a rule is enabled unless it says otherwise. */
export const toSettings = ({ attributeMappings: rules, ...rest }: z.output<typeof syncConfigChange>) => ({
  ...rest,
  ...(rules !== undefined && {
    attributeMappings:
      rules?.map(({ transform, enabled = true, ...rule }) => ({
        ...rule,
        enabled,
        transform: transform ?? undefined,
      })) ?? null,
  }),
})

/** A sync config as it is answered. */
export const syncConfigDocument = z
  .object({
    connectorId,
    resourceType,
    ...settings,
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({ id: 'SyncConfig', description: 'Settings of one resource type of a connector.' })

/** An empty list, an empty object and null say the same; null is what is answered. */
export function toSyncConfigDocument(config: SyncConfig): z.input<typeof syncConfigDocument> {
  const { filterRules: rules, createUserDefaults, attributeMappings, userMatchFallbackStrategies } = config
  return {
    connectorId: config.connectorId,
    resourceType: config.resourceType,
    enabled: config.enabled,
    strategy: config.strategy,
    cronSchedule: config.cronSchedule ?? null,
    cronTimeZone: config.cronTimeZone ?? null,
    filterRules: rules
      ? { ...rules, groupIds: rules.groupIds?.slice(), emailDomains: rules.emailDomains?.slice() }
      : null,
    staleRetention: config.staleRetention,
    attributeMappings: listOrNull(attributeMappings),
    userMatchStrategy: config.userMatchStrategy,
    userMatchFallbackStrategies: listOrNull(userMatchFallbackStrategies),
    issuerSourcePath: config.issuerSourcePath ?? null,
    postSyncWorkflowId: config.postSyncWorkflowId ?? null,
    syncTriggerMode: config.syncTriggerMode,
    createUsers: config.createUsers,
    deactivateUsers: config.deactivateUsers,
    createUserDefaults: Object.keys(createUserDefaults).length > 0 ? createUserDefaults : null,
    deactivationGuard: config.deactivationGuard,
    volatilePaths: config.volatilePaths.slice(),
    pageSize: config.pageSize,
    removalGuard: config.removalGuard,
    createdAt: config.createdAt.toISOString(),
    updatedAt: config.updatedAt.toISOString(),
  }
}

const listOrNull = <Item>(items: readonly Item[]): Item[] | null => (items.length > 0 ? [...items] : null)
