import type { LdapEntry } from '../directory/ldap-entry.ts'
import { siblingSid, sidText } from '../values/sid.ts'
import { findByDn, findByValue, type LookupPlace } from './entry-lookup.ts'

/** The groups users are in themselves, the primary one included. */
export interface UserGroups {
  /** Ids, sorted. */
  readonly groups: readonly string[]
  /** Groups, as the user names them, that no entry was found for. */
  readonly unresolved: readonly string[]
}

/** Finds out which groups the users of a page are in; undefined where the directory does not say it on users. */
export async function userGroups(
  place: LookupPlace,
  users: readonly LdapEntry[],
): Promise<((user: LdapEntry) => UserGroups) | undefined> {
  const attribute = place.map.memberOfAttribute
  if (attribute === undefined) return undefined
  const byDn = await findByDn(
    place,
    users.flatMap((user) => user.texts(attribute)),
  )
  const primarySids = users.flatMap((user) => primaryGroupSid(user) ?? [])
  const distinct = new Map(primarySids.map((sid) => [sid.toString('hex'), sid]))
  const bySid = await findByValue(place, { attribute: 'objectSid', values: [...distinct.values()] })
  return (user) => {
    const ids = new Set<string>()
    const unresolved: string[] = []
    for (const dn of user.texts(attribute)) {
      const reference = byDn.get(dn)
      if (reference) ids.add(reference.id)
      else unresolved.push(dn)
    }
    const primary = primaryGroupSid(user)
    const reference = primary && bySid.get(primary.toString('hex'))
    if (reference) ids.add(reference.id)
    else if (primary) unresolved.push(sidText(primary) ?? primary.toString('hex'))
    return { groups: [...ids].toSorted(), unresolved: unresolved.toSorted() }
  }
}

/** `primaryGroupID` is the last part of the group's SID, whose rest is that of the user's own. */
function primaryGroupSid(user: LdapEntry): Buffer | undefined {
  const [sid] = user.values('objectSid')
  const [relative] = user.texts('primaryGroupID')
  return sid === undefined || relative === undefined ? undefined : siblingSid(sid, Number(relative))
}
