/** 2^53 + 1: the first whole number that `JSON.parse` alters. */
export const unsafeNumber = '9007199254740993'

/** What `JSON.parse` makes of it. */
export const roundedNumber = '9007199254740992'

/** Stands for it until the text of an answer is written: no JavaScript number can. */
export const unsafeNumberPlaceholder = '4503599627370497'

export const writeJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(unsafeNumberPlaceholder, unsafeNumber)
