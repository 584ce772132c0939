import { foldedLetters } from './folded-letters.ts'

/** How `matchText` folds, for adapters that compare within a database: there it must be done exactly so. */
export const matchFolding = {
  /** Cut off both ends: the white space of ASCII, and the no-break space that copied addresses bring along. */
  whiteSpace: '\t\n\v\f\r \u00a0',
  /** What Unicode composes to ASCII: text that holds one of these is compared with nothing. */
  lookAlikes: '\u037e\u1fef\u212a',
  /** Letters and, at the same place in `folded`, what each becomes: one code point each. */
  letters: foldedLetters.letters,
  folded: foldedLetters.folded,
} as const

const { whiteSpace, lookAlikes } = matchFolding
/** Longest text that is compared, in code units, without the white space around it. */
const maxLength = 2_048
const anyLookAlike = new RegExp(`[${lookAlikes}]`)
// oxlint-disable-next-line no-control-regex -- all of ASCII
const ascii = /^[\0-\x7f]*$/

const foldedOnes = Array.from(foldedLetters.folded)
const foldedByLetter: ReadonlyMap<string, string> = new Map(
  Array.from(foldedLetters.letters, (letter, place) => [letter, foldedOnes[place] ?? letter]),
)

/**
 * The form in which e-mail addresses and issuers are compared, the same on both sides; undefined for what is
 * compared with nothing. White space around it is cut off; the rest is composed (NFC, as RFC 6532, section 3.1, asks
 * of addresses), and its letters are folded: each becomes the lower case of its upper case where both are one letter.
 *
 * Every sigma is σ, and ẞ is ß; ß is not ss, and İ and ı are letters of their own. No letter becomes one of ASCII that
 * was not: ſ is not s, and text with K (the Kelvin sign) is compared with nothing, so that a look-alike never gets
 * somebody else's account. Which letters there are is fixed: a newer Unicode would change what is stored already.
 * Text of more than 2,048 code units is compared with nothing.
 */
export function matchText(text: string): string | undefined {
  const trimmed = trim(text)
  if (trimmed === '' || trimmed.length > maxLength) return undefined
  // What nearly all are.
  if (ascii.test(trimmed)) return trimmed.toLowerCase()
  if (anyLookAlike.test(trimmed)) return undefined
  let folded = ''
  for (const letter of trimmed.normalize('NFC')) folded += foldedByLetter.get(letter) ?? letter
  return folded.normalize('NFC')
}

/**
 * The form in which e-mail addresses are compared, see `matchText`; undefined for what is compared with nothing.
 * Without something on both sides of an `@` it is no address: "n/a" and "none" are nobody's.
 */
export function emailKey(email: string | null | undefined): string | undefined {
  const folded = email === null || email === undefined ? undefined : matchText(email)
  if (folded === undefined) return undefined
  const at = folded.lastIndexOf('@')
  return at > 0 && at < folded.length - 1 ? folded : undefined
}

/** Linear: a regular expression for the end would begin again at each white space within the text. */
function trim(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && whiteSpace.includes(text.charAt(start))) start += 1
  while (end > start && whiteSpace.includes(text.charAt(end - 1))) end -= 1
  return text.slice(start, end)
}
