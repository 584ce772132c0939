import { SyncError } from '../errors.ts'
import { textProblem } from '../hashing/json-text.ts'

const maxLength = 256
const maxStars = 16
const star = -1
const questionMark = -2

/**
 * Compiles a glob over whole texts: `*` stands for any characters, `?` for one code point, everything else for
 * itself; nothing can be escaped. Case does not count, by simple folding: each code point is compared as the lower
 * case of its upper case where those are single code points, so "SS" is not "ß"; accents count, and composed and
 * decomposed letters differ.
 *
 * Never backtracks over more than one `*`: a text of n code points costs at most n × the pattern's length.
 * @throws GLOB_INVALID when it is empty, over 256 code points, has over 16 `*` or cannot be stored
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  const codes = foldedCodes(pattern)
  const stars = pattern.split('*').length - 1
  const problem = textProblem(pattern)
  if (codes.length === 0) throw invalid('is empty; leave the rule out to keep every name')
  if (codes.length > maxLength)
    throw invalid(`has ${codes.length} characters, at most ${maxLength} are possible`)
  if (stars > maxStars) throw invalid(`has ${stars} "*", at most ${maxStars} are possible`)
  if (problem !== undefined) throw invalid(problem.fact)
  const tokens = codes.map(toToken)
  return (text) => matchTokens(tokens, foldedCodes(text))
}

/**
 * Greedy matching with one place to fall back to: when a later `*` has been reached, an earlier one never needs to
 * take more.
 */
export function matchTokens(tokens: readonly number[], subject: ArrayLike<number>): boolean {
  let token = 0
  let at = 0
  let starToken = -1
  let starAt = 0
  while (at < subject.length) {
    if (tokens[token] === star) {
      starToken = token++
      starAt = at
    } else if (tokens[token] === questionMark || tokens[token] === subject[at]) {
      token++
      at++
    } else if (starToken >= 0) {
      token = starToken + 1
      at = ++starAt
    } else return false
  }
  while (tokens[token] === star) token++
  return token === tokens.length
}

function toToken(code: number): number {
  if (code === 0x2a) return star
  return code === 0x3f ? questionMark : code
}

/** The code points of a text, folded. */
function foldedCodes(text: string): number[] {
  const codes: number[] = []
  for (const character of text) codes.push(foldedCode(character))
  return codes
}

function foldedCode(character: string): number {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x80) return code >= 0x41 && code <= 0x5a ? code + 0x20 : code
  const upper = ifSingle(character.toUpperCase()) ?? character
  const lower = ifSingle(upper.toLowerCase()) ?? upper
  return lower.codePointAt(0) ?? code
}

/** Some letters become two in the other case: those are left as they are. */
function ifSingle(text: string): string | undefined {
  const code = text.codePointAt(0) ?? 0
  return text.length === (code > 0xffff ? 2 : 1) ? text : undefined
}

function invalid(fact: string): SyncError {
  return new SyncError('GLOB_INVALID', `filterRules.groupNamePattern ${fact}`, {
    details: { path: 'filterRules.groupNamePattern' },
  })
}
