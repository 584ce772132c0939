/** What is not public about Authifi's API, as one instance has it. */
export interface Dialect {
  /** How lists are paged: by LoopBack filters, by a token in the answer, or not at all. */
  readonly paging: 'filter' | 'token' | 'none'
  /** Writes an answer. @default the bare list */
  readonly wrap: (items: readonly unknown[], next: string | undefined) => unknown
  /** The most records of one answer, whatever was asked for. */
  readonly mostPerPage: number
  readonly filterParameter: string
  /** How a filter may be sent. */
  readonly filterStyle: 'json' | 'brackets'
  readonly tokenParameter: string
  readonly sizeParameter: string
  /** Which path roles are at. */
  readonly rolesPath: string
  /** The path of a group's members, before and after its id. */
  readonly membersPath: readonly [before: string, after: string]
  /** What `/users/count` answers with; undefined: there is no such path. */
  readonly count: ((count: number) => unknown) | undefined
  readonly clientAuthentication: 'basic' | 'body'
  /** Whether each operation wants its scope, as in `auth.users.list`. */
  readonly wantsScopes: boolean
  /** Requests of a client: as many a second, and as many at once. */
  readonly perSecond: number
  readonly atOnce: number
  /** Written at `/auth/docs`; undefined: nothing is there. */
  readonly docs: { readonly type: string; readonly text: string } | undefined
}

/** As the config's defaults have it. */
export const usualDialect: Dialect = {
  paging: 'filter',
  wrap: (items) => items,
  mostPerPage: 1_000,
  filterParameter: 'filter',
  filterStyle: 'json',
  tokenParameter: 'cursor',
  sizeParameter: 'limit',
  rolesPath: '/access-roles',
  membersPath: ['/groups/', '/users'],
  count: (count) => ({ count }),
  clientAuthentication: 'basic',
  wantsScopes: false,
  perSecond: 10,
  atOnce: 4,
  docs: undefined,
}
