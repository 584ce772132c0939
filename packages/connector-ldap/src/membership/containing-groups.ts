import { SyncError } from '@syncline/core'
import { AndFilter, EqualityFilter, OrFilter } from 'ldapts'
import type { LdapConfig } from '../config/config-schema.ts'
import { dnKey } from '../directory/dn-key.ts'
import type { LdapEntry } from '../directory/ldap-entry.ts'
import { searchAll } from '../directory/search.ts'
import { slices } from '../slices.ts'
import type { LookupPlace } from './entry-lookup.ts'

/**
 * The groups that hold the given ones, at any depth. A nested membership changes the groups above without touching
 * their entries, so an incremental listing must bring them along.
 * @throws UPSTREAM_REJECTED beyond `maxNestedGroups` per given group
 */
export async function containingGroups(
  place: LookupPlace,
  config: LdapConfig,
  request: { readonly groups: readonly LdapEntry[]; readonly attributes: readonly string[] },
): Promise<readonly LdapEntry[]> {
  const { map, searcher } = place
  const met = new Set(request.groups.map(({ dn }) => dnKey(dn) ?? dn))
  const atMost = config.maxNestedGroups * request.groups.length
  const above: LdapEntry[] = []
  for (let level = request.groups; level.length > 0; ) {
    const next: LdapEntry[] = []
    for (const batch of slices(level, 50)) {
      const names = batch.flatMap(({ dn }) =>
        map.memberAttributes.map((attribute) => new EqualityFilter({ attribute, value: dn })),
      )
      const filter = new AndFilter({ filters: [map.group.filter, new OrFilter({ filters: names })] })
      const { baseDn, scope } = map.group
      await searchAll(searcher, { baseDn, scope, filter, attributes: request.attributes }, (entries) => {
        for (const entry of entries) {
          const key = dnKey(entry.dn) ?? entry.dn
          if (met.has(key)) continue
          met.add(key)
          next.push(entry)
        }
        if (above.length + next.length > atMost) throw tooManyAbove(config.maxNestedGroups)
      })
    }
    above.push(...next)
    level = next
  }
  return above
}

const tooManyAbove = (atMost: number): SyncError =>
  new SyncError(
    'UPSTREAM_REJECTED',
    `Changed groups are within more than ${atMost} groups each; raise maxNestedGroups`,
  )
