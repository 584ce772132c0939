import type {
  ConnectorContext,
  JsonObject,
  ListAnswer,
  ListRequest,
  ResourceTypeDefinition,
  UpstreamRecord,
} from '@syncline/core'
import type { Paginator } from '../pagination/paginator.ts'
import type { RecordDraft, RecordFields } from '../records/map-record.ts'
import type { Path } from '../records/read-path.ts'
import type { RecordSelector } from '../records/select-records.ts'
import type { Send } from '../requests/http-client.ts'
import type { HttpRequest } from '../requests/http-request.ts'
import type { Setting } from '../setting.ts'

/** What the functions of a connector are given. */
export interface HttpCall<Config> {
  readonly config: Config
  readonly context: ConnectorContext<Config>
  readonly signal: AbortSignal
  /** Sends a request with all the connector declares: credential, limits, error rules, breaker. */
  readonly send: Send
}

/** What the functions of a stream are given: which page is being read, as the engine asked for it. */
export interface StreamCall<Config> extends HttpCall<Config> {
  readonly request: ListRequest
}

/** What a stream says to the engine. */
type Declared<Config> = Pick<
  ResourceTypeDefinition<Config>,
  'command' | 'coverage' | 'groupIds' | 'memberIds'
>

/** One list of records of one type, as facts. */
export interface DeclaredStream<Config> extends Declared<Config> {
  /** Lists the first page, were there no paging. */
  readonly request: HttpRequest | ((call: StreamCall<Config>) => HttpRequest)
  /** @default one answer holds everything */
  readonly paginator?: Setting<Config, Paginator> | undefined
  /** Where the records are. @default the answer itself is the list */
  readonly records?: RecordSelector | undefined
  readonly record: RecordFields | ((item: JsonObject, call: HttpCall<Config>) => RecordDraft)
  /** Completes an item with further requests, such as a group with its members. Four at a time. */
  readonly hydrate?:
    | ((item: JsonObject, call: HttpCall<Config>) => Promise<Readonly<Record<string, unknown>>>)
    | undefined
  /** How many records there are in all, as a guess for progress. */
  readonly total?: Path | undefined
  /** How "changed since", an ISO instant, inclusive, is written into the request. @default not supported */
  readonly incremental?:
    | ((request: HttpRequest, modifiedSince: string, call: StreamCall<Config>) => HttpRequest)
    | undefined
  /** Where one record is; 404 and 410 mean that there is none. Mapped and hydrated as in listings. @default cannot be asked for one */
  readonly get?: ((externalId: string, call: HttpCall<Config>) => HttpRequest) | undefined
}

/** One list of records of one type, as a function: for what facts cannot say. */
export interface FunctionStream<Config> extends Declared<Config> {
  readonly list: (call: StreamCall<Config>) => Promise<ListAnswer>
  /** Whether `modifiedSince` is honoured. @default false */
  readonly incremental?: boolean | undefined
  /** One record; undefined where there is none. @default cannot be asked for one */
  readonly get?:
    | ((externalId: string, call: HttpCall<Config>) => Promise<UpstreamRecord | undefined>)
    | undefined
}

export type Stream<Config> = DeclaredStream<Config> | FunctionStream<Config>
