/** Control characters, invisible format characters and direction marks, which would move the cursor or turn text around. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Joins the parts of one emoji, and of letters in several scripts. */
const joiner = '\u200d'

/** Text from outside, safe to show in a terminal. */
export const printable = (text: string): string =>
  text.replace(unprintable, (character) => (character === joiner ? character : '\ufffd'))
