import { createHash } from 'node:crypto'
import { z } from 'zod'
import { SyncError } from '../errors.ts'
import { canonicalJson } from '../hashing/canonical-json.ts'
import { compareCodePoints } from '../memory/compare-code-points.ts'
import type { PostSyncPlan } from '../model/post-sync-plan.ts'
import type { PostSyncSettings } from '../model/post-sync-settings.ts'
import type { Scope } from '../model/scope.ts'
import { carryOut } from './carry-out.ts'
import { compileFirstProfile } from './map-profiles.ts'
import { overlayView } from './overlay-view.ts'
import type { PeopleContext } from './people-context.ts'
import { storedView } from './people-view.ts'
import { plannedEffects } from './planned-effects.ts'
import { createTally } from './work.ts'

/**
 * Everything a post-sync would do now, and nothing written: the very steps of a post-sync, over a view in which what
 * they decide has happened. Holds all of the plan in memory; a post-sync itself does not.
 */
export async function planPostSync(
  context: PeopleContext,
  { scope, settings }: { readonly scope: Scope; readonly settings: PostSyncSettings },
): Promise<PostSyncPlan> {
  const view = overlayView(storedView(context, scope), scope)
  const firstProfile = compileFirstProfile(scope, settings)
  const { effects, planned } = plannedEffects((writes) => view.note(writes), firstProfile)
  const tally = createTally()
  const guard = await carryOut(context, {
    scope,
    settings,
    view,
    effects,
    tally,
    firstProfile,
    linkedUsers: await context.people.linkedUsers(scope),
    checkpoint: () => context.stopping.throwIfAborted(),
  })
  const plan = {
    version: 1,
    planId: context.createId(),
    createdAt: context.clock.now().toISOString(),
    tenantId: context.tenantId,
    connectorId: scope.connectorId,
    resourceType: scope.resourceType,
    settings: settingsMark(settings),
    matches: planned.matches,
    creates: planned.creates,
    deactivations: planned.deactivations.toSorted(byExternalId),
    reactivations: planned.reactivations.toSorted(byExternalId),
    profiles: planned.profiles,
    skippedRules: [...tally.skippedRules.values()],
    guard,
  } as const
  return { ...plan, digest: digestOfPlan(plan) }
}

const byExternalId = (one: { readonly externalId: string }, other: { readonly externalId: string }): number =>
  compareCodePoints(one.externalId, other.externalId)

const settingsMark = (settings: PostSyncSettings): string =>
  createHash('sha256').update(canonicalJson(settings), 'utf8').digest('hex')

/** Entry by entry: a plan may be larger than any JSON text that is written at once. */
function digestOfPlan(plan: Omit<PostSyncPlan, 'digest'>): string {
  const { matches, creates, deactivations, reactivations, profiles, ...rest } = plan
  const hash = createHash('sha256').update(canonicalJson(rest), 'utf8')
  for (const [part, list] of Object.entries({ matches, creates, deactivations, reactivations, profiles })) {
    hash.update(`\n${part}`, 'utf8')
    for (const entry of list) hash.update(`\n${canonicalJson(entry)}`, 'utf8')
  }
  return hash.digest('hex')
}

const entries = z.array(z.looseObject({ externalId: z.string() }))

const planSchema = z.looseObject({
  version: z.literal(1),
  planId: z.string(),
  tenantId: z.string(),
  connectorId: z.string(),
  resourceType: z.string(),
  matches: entries,
  creates: entries,
  deactivations: entries,
  reactivations: entries,
  profiles: entries,
  digest: z.string(),
})

/** Refuses what is no plan, and a plan that is not any more what it was when it was made. @throws PLAN_INVALID */
export function requirePlan(plan: PostSyncPlan): void {
  if (!planSchema.safeParse(plan).success) {
    throw new SyncError('PLAN_INVALID', 'This is no plan of a post-sync')
  }
  const { digest, ...content } = plan
  if (digest === digestOfPlan(content)) return
  throw new SyncError('PLAN_INVALID', 'The plan was changed after it was made: its digest does not fit it')
}
