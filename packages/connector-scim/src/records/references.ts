import { readId, readMember } from '../protocol/read-member.ts'

/** Ids that an attribute such as `members` or `groups` refers to, by what they are. */
export interface References {
  /** Ids of groups, sorted. */
  readonly groups: readonly string[]
  /** Ids of what is not known to be a group, sorted. */
  readonly others: readonly string[]
}

/**
 * Reads references. `type` says what each is, or else the endpoint in its `$ref`.
 * @throws TypeError for one without an id: the record cannot be kept without it
 */
export function readReferences(listed: unknown, groupEndpoint: string): References {
  const groups = new Set<string>()
  const others = new Set<string>()
  for (const reference of Array.isArray(listed) ? listed : []) {
    const id = idOf(reference)
    if (isGroup(reference, groupEndpoint)) groups.add(id)
    else others.add(id)
  }
  return { groups: [...groups].toSorted(), others: [...others].toSorted() }
}

function idOf(reference: unknown): string {
  const value = typeof reference === 'string' ? reference : readId(reference, 'value')
  const id = value || pathOf(reference).at(-1)
  if (id) return id
  throw new TypeError('a reference without a value')
}

function isGroup(reference: unknown, groupEndpoint: string): boolean {
  const type = readMember(reference, 'type')
  if (typeof type === 'string') return type.toLowerCase() === 'group'
  const endpoint = groupEndpoint.split('/').at(-1)
  return pathOf(reference).at(-2)?.toLowerCase() === endpoint?.toLowerCase()
}

/** The parts of the path that `$ref` ends with, decoded. */
function pathOf(reference: unknown): readonly string[] {
  const ref = readMember(reference, '$ref')
  if (typeof ref !== 'string' || !URL.canParse(ref, 'https://relative')) return []
  try {
    return new URL(ref, 'https://relative').pathname.split('/').map(decodeURIComponent)
  } catch {
    return []
  }
}
