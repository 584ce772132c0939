import { isPlainObject } from '../hashing/plain-object.ts'
import type { UpstreamRecord } from '../model/record.ts'

type Attributed = Pick<UpstreamRecord, 'attributes'>

/** Where a user's groups stand when its type does not say: strings, or objects with `externalId`, at `attributes.groups`. */
export const defaultGroupIds = (record: Attributed): readonly string[] => idsAt(record, 'groups')

/** Where a group's users stand when its type does not say: strings, or objects with `externalId`, at `attributes.members`. */
export const defaultMemberIds = (record: Attributed): readonly string[] => idsAt(record, 'members')

/** Own properties only; what is no id is passed over. */
function idsAt({ attributes }: Attributed, name: string): readonly string[] {
  const listed = ownValue(attributes, name)
  if (!Array.isArray(listed)) return []
  return (listed as readonly unknown[])
    .map((item) => (typeof item === 'string' ? item : ownValue(item, 'externalId')))
    .filter((id) => typeof id === 'string')
}

function ownValue(holder: unknown, name: string): unknown {
  return isPlainObject(holder) && Object.hasOwn(holder, name) ? holder[name] : undefined
}
