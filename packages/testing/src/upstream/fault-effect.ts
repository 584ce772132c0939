/**
 * Value of a `Retry-After` header: as it stands, several headers, or a date that far from the directory's now
 * (negative: in the past; dates have whole seconds). RFC 9110, section 10.2.3.
 */
export type RetryAfter = string | readonly string[] | { readonly dateInMs: number }

/** Another answer instead of the page. */
export type AnswerEffect =
  | {
      readonly kind: 'status'
      readonly status: number
      readonly retryAfter?: RetryAfter | undefined
      readonly headers?: Readonly<Record<string, string>> | undefined
      /** @default `{ "error": … }`, for 410 `delta_expired` */
      readonly body?: string | undefined
    }
  /** 200 with something that is no page. */
  | { readonly kind: 'garbage'; readonly garbage: Garbage }

/** What a proxy, a crash or a bug may send in place of a page. */
export const garbageForms = [
  'html',
  'truncated_json',
  'null',
  'array',
  'object',
  'empty_body',
  /** The right page, declared as HTML. */
  'wrong_content_type',
  /** Declared as gzip, but none. */
  'broken_gzip',
] as const

export type Garbage = (typeof garbageForms)[number]

/** The page, altered; nothing of the listing is lost by it, unless a client gives up. */
export type PageEffect =
  /** `next` is the cursor of this very page. */
  | { readonly kind: 'repeated_cursor' }
  /** `next` is the cursor of the page before: A, B, A, … */
  | { readonly kind: 'looping_cursor' }
  /** No entries, and a new cursor for the same place. */
  | { readonly kind: 'empty_page' }
  /** The entries of the page in another order. */
  | { readonly kind: 'shuffled' }
  /** The first entries of the listing once more at the end of this page. */
  | { readonly kind: 'duplicates'; readonly count: number }
  /** A text field of the page's first entry becomes this long. */
  | { readonly kind: 'oversized_field'; readonly field: string; readonly length: number }

/** The right answer, badly delivered. */
export type TransportEffect =
  | { readonly kind: 'slow_headers'; readonly delayMs: number }
  /** Headers and half of the body at once, the rest after the delay. */
  | { readonly kind: 'slow_body'; readonly delayMs: number }
  /** `in_body`: after half of it. */
  | { readonly kind: 'reset'; readonly at: 'before_headers' | 'after_headers' | 'in_body' }

/** What happens to a request that meets a fault. */
export type FaultEffect = AnswerEffect | PageEffect | TransportEffect

/** Every form of `Retry-After` a client may meet, right and wrong. */
export const retryAfterForms = {
  seconds: '7',
  zero: '0',
  negative: '-5',
  fractional: '1.5',
  huge: '99999999999999999999',
  garbage: 'soon',
  empty: '',
  date: { dateInMs: 30_000 },
  past_date: { dateInMs: -30_000 },
  several: ['3', '9'],
  missing: undefined,
} as const satisfies Readonly<Record<string, RetryAfter | undefined>>
