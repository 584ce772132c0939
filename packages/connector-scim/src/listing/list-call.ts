import type { HttpCall, RecordDraft, StreamCall } from '@syncline/connector-http'
import type { ScimConfig } from '../config/config-schema.ts'
import type { ScimObject } from '../protocol/read-member.ts'
import type { ListCursor } from './list-cursor.ts'
import type { SeenIds } from './seen-ids.ts'

/** How resources of one type are listed and made into records. */
export interface ListedType {
  readonly resourceType: 'user' | 'group'
  /** Records asked for at once, whatever the host would like. */
  readonly maxPageSize: number
  settings(config: ScimConfig): Listed
  /** Completes an item with further requests. */
  complete(item: ScimObject, call: HttpCall<ScimConfig>): Promise<ScimObject>
  toRecord(item: ScimObject, config: ScimConfig): RecordDraft
}

/** The config of one type. */
interface Listed {
  readonly endpoint: string
  readonly filter?: string | undefined
  readonly attributes?: readonly string[] | undefined
  readonly excludedAttributes?: readonly string[] | undefined
}

/** A list command under way. */
export interface ListCall {
  readonly call: StreamCall<ScimConfig>
  readonly type: ListedType
  readonly seenIds: SeenIds
}

/** A page as read, before its items are records. */
export interface ItemPage {
  readonly items: readonly unknown[]
  readonly total: number | undefined
  /** Undefined at the end. */
  readonly next: ListCursor | undefined
}
