import { idText } from '@syncline/connector-http'
import { isObject, readId, readMember, valuesOf } from '../protocol/read-member.ts'

/** Ids that an attribute such as `members` or `groups` refers to, by what they are. */
export interface References {
  /** Ids of groups, sorted. */
  readonly groups: readonly string[]
  /** Ids of what is not known to be a group, sorted. */
  readonly others: readonly string[]
}

/** More ids than attributes of 1 MiB could hold, if each had ten characters. */
const maxReferences = 100_000

/**
 * Reads references; a value that is not in a list is a list of one. `type`, which some servers write as a schema's URN,
 * tells whether each is a user or a group, or else the endpoint in its `$ref`.
 * @throws TypeError for one without an id, and for too many: the record must not be stored without them
 */
export function readReferences(listed: unknown, groupEndpoint: string): References {
  const groups = new Set<string>()
  const others = new Set<string>()
  const references = valuesOf(listed) ?? []
  if (references.length > maxReferences) throw new TypeError(`more than ${maxReferences} references`)
  for (const reference of references) {
    const id = idOf(reference)
    if (isGroup(reference, groupEndpoint)) groups.add(id)
    else others.add(id)
  }
  return { groups: [...groups].toSorted(), others: [...others].toSorted() }
}

function idOf(reference: unknown): string {
  const value = isObject(reference) ? readId(reference, 'value') : idText(reference)
  const id = typeof value === 'string' && value !== '' ? value : pathOf(reference).at(-1)
  if (id) return id
  throw new TypeError('a reference without a value')
}

function isGroup(reference: unknown, groupEndpoint: string): boolean {
  const type = String(readMember(reference, 'type')).split(':').at(-1)?.trim().toLowerCase()
  if (type === 'user' || type === 'group') return type === 'group'
  // Others, such as "direct", tell something else.
  const endpoint = groupEndpoint.split('/').at(-1)
  return pathOf(reference).at(-2)?.toLowerCase() === endpoint?.toLowerCase()
}

/** The parts of the path that `$ref` ends with, decoded; a slash at its end begins no part. */
function pathOf(reference: unknown): readonly string[] {
  const ref = readMember(reference, '$ref')
  if (typeof ref !== 'string' || !URL.canParse(ref, 'https://relative')) return []
  try {
    const { pathname } = new URL(ref, 'https://relative')
    return pathname.replace(/\/$/, '').split('/').map(decodeURIComponent)
  } catch {
    return []
  }
}
