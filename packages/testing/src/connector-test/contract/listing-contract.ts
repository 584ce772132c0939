import type { JsonValue } from '@syncline/core'
import type { ContractRequest, Reply } from './reply.ts'

/** What a listing request asks for; a query parameter that is not there may stay `null`. */
export interface PageAsked {
  /** Token paging: what the page before gave; nothing on the first page. */
  readonly token?: string | null | undefined
  /** Offset paging: how many records come before the page, from 0. */
  readonly offset?: number | string | null | undefined
  /** Page paging: the page's number, from 1. */
  readonly page?: number | string | null | undefined
  readonly limit?: number | string | null | undefined
  readonly modifiedSince?: Date | string | null | undefined
}

/** The page to answer with. */
export interface PageGiven {
  /** As `item` made them. */
  readonly items: readonly JsonValue[]
  /** Where the next page is, in each way of paging; absent on the last. */
  readonly next?: NextPage | undefined
  /** How many records come before the page. */
  readonly offset: number
  /** From 1. */
  readonly page: number
  /** The most records of a page, as asked or as upstream has it. */
  readonly limit: number
  /** Records of the whole listing. */
  readonly total: number
  /** Where the page was asked for: build links to other pages from it. */
  readonly url: URL
  readonly request: ContractRequest
}

export interface NextPage {
  /** Holds `+`, `/`, `=`, `&` and `%`, as vendors' tokens do: it must come back as it is. */
  readonly token: string
  readonly offset: number
  readonly page: number
}

/** An object of upstream's, before `item` gives it the vendor's shape. */
export interface ContractEntry {
  /** What the record's `externalId` will be; a number in digits where the listing says `ids: 'number'`. */
  readonly id: string
  readonly name: string
  /** `undefined`: leave the field out. */
  readonly email: string | null | undefined
  /** ISO instant. */
  readonly updatedAt: string
}

/** What the connector must make of an object. */
export interface ExpectedRecord {
  readonly externalId: string
  readonly displayName: string
  readonly email: string | null
}

/** How one resource type is listed. */
export interface ListingContract {
  /** @default 'GET' */
  readonly method?: 'GET' | 'POST' | undefined
  /** `/people` */
  readonly path: string
  /** Names of the query parameters it may have. @default none */
  readonly query?: readonly string[] | undefined
  /** Tells listings apart that share method and path, as all of GraphQL do. @default every request */
  asks?(request: ContractRequest): boolean
  /** How a page is asked for. */
  readonly paging: 'token' | 'offset' | 'page'
  /**
   * How a connector learns that a page is the last: upstream says so (no next token, a total), it holds fewer records
   * than asked for, or it holds none. The last two cost a request more, and are kept to exactly that.
   * @default 'said'
   */
  readonly end?: 'said' | 'short_page' | 'empty_page' | undefined
  /** The most records upstream puts on a page, whatever it is asked for. @default none */
  readonly maxPageSize?: number | undefined
  /** Whether upstream may put fewer records on a page than it could. @default true for token paging */
  readonly shortPages?: boolean | undefined
  /** Whether `modifiedSince` is honoured, as the type declares it. @default false */
  readonly incremental?: boolean | undefined
  /**
   * Which ids upstream has: any text, JSON numbers, or a form of its own, made from a number.
   * @default 'text'
   */
  readonly ids?: 'text' | 'number' | ((number: number) => string) | undefined
  /** What upstream answers a page token that it no longer knows. @default it forgets none */
  readonly expired?: Reply | undefined
  /** Reads what a request asks for. */
  reads(request: ContractRequest): PageAsked
  /** Writes a page the way upstream does. */
  answers(page: PageGiven): Reply
  /** Writes an object the way upstream does. */
  item(entry: ContractEntry): JsonValue
  /** @default the entry's id, name and e-mail address */
  expects?(entry: ContractEntry): ExpectedRecord
  /**
   * Objects of upstream's with values that need care, and what becomes of each: at least one that has nothing but what
   * upstream always sends.
   */
  readonly samples: readonly { readonly item: JsonValue; readonly record: ExpectedRecord }[]
}
