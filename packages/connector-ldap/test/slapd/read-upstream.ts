import type { Client, Entry } from 'ldapts'

interface Expected {
  readonly displayName: string
  readonly email: string | null
  readonly attributes: Readonly<Record<string, unknown>>
}

type Records = Record<string, Expected>

/** Reads users and groups with a plain client and works out the records they must become, nested members included. */
export async function readUpstream(
  client: Client,
  base: string,
): Promise<{ readonly user: Records; readonly group: Records }> {
  const read = async (filter: string): Promise<Entry[]> => {
    const options = { filter, attributes: ['*', 'entryUUID'], paged: { pageSize: 900 } }
    return (await client.search(base, options)).searchEntries
  }
  const users = await read('(objectClass=inetOrgPerson)')
  const groups = await read('(objectClass=groupOfNames)')
  // An entry's own DN and the same DN as a member may be escaped differently.
  const canonical = (dn: string): string =>
    dn
      .replace(/((?:\\[0-9a-f]{2})+)|\\(.)/gi, (_, hex: string | undefined, character: string) =>
        hex === undefined ? character : Buffer.from(hex.replaceAll('\\', ''), 'hex').toString(),
      )
      .toLowerCase()
  const userIds = new Map(users.map((entry) => [canonical(entry.dn), one(entry, 'entryUUID')]))
  const groupsByDn = new Map(groups.map((entry) => [canonical(entry.dn), entry]))

  const reach = (start: Entry): readonly Entry[] => {
    const met = new Set([start])
    for (const group of met) {
      for (const dn of all(group, 'member')) {
        const nested = groupsByDn.get(canonical(dn))
        if (nested) met.add(nested)
      }
    }
    return [...met]
  }
  const toGroup = (entry: Entry): Expected => {
    const direct = all(entry, 'member').map(canonical)
    const everyone = reach(entry).flatMap((group) => all(group, 'member').map(canonical))
    const ids = (dns: readonly string[], known: (dn: string) => string | undefined): string[] =>
      [...new Set(dns.flatMap((dn) => known(dn) ?? []))].toSorted()
    const unresolved = all(entry, 'member').filter(
      (dn) => !userIds.has(canonical(dn)) && !groupsByDn.has(canonical(dn)),
    )
    return {
      displayName: one(entry, 'cn'),
      email: null,
      attributes: {
        dn: entry.dn,
        ...(entry.description === undefined ? {} : { description: one(entry, 'description') }),
        members: ids(everyone, (dn) => userIds.get(dn)),
        memberGroups: ids(direct, (dn) => {
          const nested = groupsByDn.get(dn)
          return nested && one(nested, 'entryUUID')
        }),
        ...(unresolved.length > 0 ? { unresolvedMembers: unresolved.toSorted() } : {}),
      },
    }
  }
  const byId = (entries: readonly Entry[], toRecord: (entry: Entry) => Expected): Records =>
    Object.fromEntries(entries.map((entry) => [one(entry, 'entryUUID'), toRecord(entry)]))
  return { user: byId(users, toUser), group: byId(groups, toGroup) }
}

const toUser = (entry: Entry): Expected => {
  const mails = all(entry, 'mail')
  return {
    displayName: one(entry, 'cn'),
    email: mails[0] ?? null,
    attributes: {
      dn: entry.dn,
      username: one(entry, 'uid'),
      surname: one(entry, 'sn'),
      ...(entry.title === undefined ? {} : { title: one(entry, 'title') }),
      ...(mails.length > 0 ? { mails: mails.toSorted() } : {}),
    },
  }
}

const all = (entry: Entry, name: string): string[] => [entry[name] ?? []].flat().map(String)
const one = (entry: Entry, name: string): string => all(entry, name)[0] ?? ''
