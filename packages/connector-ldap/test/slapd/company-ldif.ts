/** Long before any test runs: nothing of it is new to an incremental listing. */
const made = '20200101000000Z'
const stamps = [`createTimestamp: ${made}`, `modifyTimestamp: ${made}`]

/** One entry of LDIF (RFC 2849); everything in base64, so that no value needs a rule of its own. */
export function ldifEntry(
  dn: string,
  attributes: Readonly<Record<string, string | readonly string[]>>,
): string {
  const encode = (text: string): string => Buffer.from(text).toString('base64')
  const lines = Object.entries(attributes).flatMap(([name, values]) =>
    [values].flat().map((value) => `${name}:: ${encode(value)}`),
  )
  return [`dn:: ${encode(dn)}`, ...lines, ...stamps, ''].join('\n')
}

export const suffixLdif = (suffix: string): string =>
  [
    ldifEntry(suffix, { objectClass: 'domain', dc: 'example' }),
    ldifEntry(`ou=people,${suffix}`, { objectClass: 'organizationalUnit', ou: 'people' }),
    ldifEntry(`ou=groups,${suffix}`, { objectClass: 'organizationalUnit', ou: 'groups' }),
  ].join('\n')

/** Names that bite: separators, quotes, spaces at the ends, escapes, other scripts. */
const oddNames = [
  'Comma\\, Ann',
  'Plus\\+Bob',
  'Quote \\"Q\\" Carl',
  'Back\\\\slash Dan',
  'Źródło Ewa',
  '李 小龍',
]

export const userDn = (number: number): string => {
  const odd = oddNames[number]
  const rdn = odd === undefined ? `uid=u${number}` : `cn=${odd} ${number}`
  return `${rdn},ou=people,dc=example,dc=com`
}

export const groupDn = (number: number): string => `cn=g${number},ou=groups,dc=example,dc=com`

/**
 * Users `u0` to `u<people-1>` and groups `g1` to `g<groups>`. Group n holds every user whose number leaves n - 1 when
 * divided by the number of groups, and the groups 2n and 2n + 1; the last one also holds the first, which closes a circle.
 */
export function companyLdif(people: number, groups: number): string {
  const users = Array.from({ length: people }, (_, number) => {
    const odd = oddNames[number]
    const name = odd === undefined ? `Person ${number}` : `${odd.replace(/\\(.)/g, '$1')} ${number}`
    return ldifEntry(userDn(number), {
      objectClass: 'inetOrgPerson',
      uid: `u${number}`,
      cn: name,
      sn: `Family ${number % 97}`,
      mail:
        number % 10 === 0
          ? [`u${number}@example.com`, `alias${number}@example.com`]
          : `u${number}@example.com`,
    })
  })
  const listed = Array.from({ length: groups }, (_, index) => {
    const number = index + 1
    const inside = [2 * number, 2 * number + 1].filter((nested) => nested <= groups)
    const members = [
      ...Array.from({ length: people }, (__, user) => user)
        .filter((user) => user % groups === index)
        .map(userDn),
      ...inside.map(groupDn),
      ...(number === groups ? [groupDn(1)] : []),
    ]
    return ldifEntry(groupDn(number), { objectClass: 'groupOfNames', cn: `g${number}`, member: members })
  })
  return [suffixLdif('dc=example,dc=com'), ...users, ...listed].join('\n')
}
