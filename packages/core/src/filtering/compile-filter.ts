import { SyncError } from '../errors.ts'
import type { UpstreamRecord } from '../model/record.ts'
import type { FilterRules } from '../model/sync-config.ts'
import type { SanitisedRecord } from '../records/sanitise-record.ts'
import { compileGlob } from './glob.ts'

type Rule = (record: SanitisedRecord) => boolean

/**
 * Compiles filter rules into one test; a record passes when every rule given holds. `maxRecords` is not a property
 * of a record and is left to the engine.
 * @param membership whether a user belongs to a live synced group; required by `memberOfSyncedGroups`
 * @throws GROUPS_NOT_SYNCED when the rules need `membership` and it is missing, GLOB_INVALID
 */
export function compileFilter(
  rules: FilterRules | undefined,
  membership?: (record: UpstreamRecord) => boolean,
): (record: SanitisedRecord) => boolean {
  const compiled = [...rulesOf(rules ?? {}, membership)]
  return (record) => compiled.every((holds) => holds(record))
}

function* rulesOf(
  rules: FilterRules,
  membership: ((record: UpstreamRecord) => boolean) | undefined,
): Generator<Rule> {
  const { groupNamePattern, groupIds, emailDomains, memberOfSyncedGroups } = rules
  if (groupIds !== undefined) {
    const ids = new Set(groupIds)
    yield ({ externalId }) => ids.has(externalId)
  }
  if (emailDomains !== undefined) {
    const domains = new Set(emailDomains.map((domain) => domain.toLowerCase()))
    yield ({ email }) => email !== null && domains.has(domainOf(email))
  }
  if (groupNamePattern !== undefined) {
    const matches = compileGlob(groupNamePattern)
    yield ({ displayName }) => matches(displayName)
  }
  if (memberOfSyncedGroups === true) {
    if (membership === undefined) {
      throw new SyncError('GROUPS_NOT_SYNCED', 'memberOfSyncedGroups needs to know the synced groups')
    }
    yield ({ source }) => membership(source)
  }
}

/** What stands behind the last `@`; without one nothing, which no rule allows. */
function domainOf(email: string): string {
  const at = email.lastIndexOf('@')
  return at < 0 ? '' : email.slice(at + 1).toLowerCase()
}
