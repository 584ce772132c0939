import { z } from 'zod'
import { SyncError } from '../errors.ts'
import { canonicalJson } from '../hashing/canonical-json.ts'
import { isUnsafeName } from '../hashing/member-order.ts'
import { parseAttributeMappings } from '../mapping/attribute-mappings.ts'
import { sourcePathProblem } from '../mapping/source-path.ts'
import { matchStrategies } from '../model/match.ts'
import { type PostSyncSettings, syncTriggerModes } from '../model/post-sync-settings.ts'

const count = z.number().int().nonnegative()

/** How the fields of post-sync look in the input of a sync config. */
export const postSyncShape = {
  userMatchStrategy: z.enum(matchStrategies).nullish(),
  userMatchFallbackStrategies: z.array(z.enum(matchStrategies)).nullish(),
  issuerSourcePath: z.string().nullish(),
  createUsers: z.boolean().nullish(),
  createUserDefaults: z.record(z.string().min(1).max(255), z.json()).nullish(),
  deactivateUsers: z.boolean().nullish(),
  deactivationGuard: z
    .strictObject({ minUsers: count, percent: z.number().min(0).max(100), maxUsers: count.optional() })
    .nullish(),
  attributeMappings: z.unknown().optional(),
  postSyncWorkflowId: z.string().min(1).max(255).nullish(),
  syncTriggerMode: z.enum(syncTriggerModes).nullish(),
}

/** Matching by e-mail, and nothing done to users unless it is asked for. */
export const postSyncDefaults: PostSyncSettings = {
  userMatchStrategy: 'email',
  userMatchFallbackStrategies: [],
  issuerSourcePath: undefined,
  createUsers: false,
  createUserDefaults: {},
  deactivateUsers: false,
  deactivationGuard: { minUsers: 10, percent: 20 },
  attributeMappings: [],
  postSyncWorkflowId: undefined,
  syncTriggerMode: 'none',
}

type Input = { readonly [Field in keyof PostSyncSettings]?: PostSyncSettings[Field] | null | undefined }

/** A field left out keeps its value; null clears it, which means its default, but for the guard: no guard. */
export function mergePostSync(before: PostSyncSettings, input: Input): PostSyncSettings {
  const keep = <Field extends keyof PostSyncSettings>(field: Field): PostSyncSettings[Field] => {
    const given: PostSyncSettings[Field] | null | undefined = input[field]
    return given === undefined ? before[field] : (given ?? postSyncDefaults[field])
  }
  return {
    userMatchStrategy: keep('userMatchStrategy'),
    userMatchFallbackStrategies: keep('userMatchFallbackStrategies'),
    issuerSourcePath: keep('issuerSourcePath'),
    createUsers: keep('createUsers'),
    createUserDefaults: keep('createUserDefaults'),
    deactivateUsers: keep('deactivateUsers'),
    deactivationGuard:
      input.deactivationGuard === undefined ? before.deactivationGuard : input.deactivationGuard,
    attributeMappings: keep('attributeMappings'),
    postSyncWorkflowId: keep('postSyncWorkflowId'),
    syncTriggerMode: keep('syncTriggerMode'),
  }
}

/** @throws SYNC_CONFIG_INVALID */
export function checkPostSync(settings: PostSyncSettings): PostSyncSettings {
  const own = mergePostSync(settings, {})
  const { issuerSourcePath } = own
  const problem = issuerSourcePath === undefined ? undefined : sourcePathProblem(issuerSourcePath)
  if (problem !== undefined) throw invalid(`issuerSourcePath: ${problem}`)
  const unsafe = Object.keys(own.createUserDefaults).find(isUnsafeName)
  if (unsafe !== undefined) throw invalid(`createUserDefaults: ${unsafe} is a name that is never stored`)
  try {
    canonicalJson(own.createUserDefaults)
  } catch (error) {
    throw invalid(`createUserDefaults: ${error instanceof Error ? error.message : String(error)}`)
  }
  return { ...own, attributeMappings: parseAttributeMappings(own.attributeMappings) }
}

const invalid = (fact: string): SyncError => new SyncError('SYNC_CONFIG_INVALID', fact)

/** The fields of post-sync of a sync config. */
export const postSyncSettingsOf = (config: PostSyncSettings): PostSyncSettings => mergePostSync(config, {})
