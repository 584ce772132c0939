import { mapRecord } from '@syncline/connector-http'
import type { UpstreamRecord } from '@syncline/core'
import type { ScimConfig } from '../config/config-schema.ts'
import { isObject, readMember } from '../protocol/read-member.ts'
import type { ListedType } from './list-call.ts'

/** The record of an item, which may be anything: what cannot be mapped is left to the engine to quarantine. */
export function toRecord(type: ListedType, item: unknown, config: ScimConfig): UpstreamRecord {
  // One that cannot be mapped is known by what stands at `id`, whatever the case of that name was.
  const named = isObject(item) ? { ...item, id: readMember(item, 'id') } : item
  return mapRecord((known) => type.toRecord(known, config), named)
}
