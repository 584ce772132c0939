import type { QuarantineReason } from '../model/quarantine.ts'

/** What keeps text from being stored unaltered. */
export interface TextProblem {
  readonly reason: Extract<QuarantineReason, 'NUL_CHARACTER' | 'LONE_SURROGATE'>
  /** Completes a sentence that begins with where the text stands. */
  readonly fact: string
}

const nul: TextProblem = { reason: 'NUL_CHARACTER', fact: 'holds U+0000' }
const loneSurrogate: TextProblem = { reason: 'LONE_SURROGATE', fact: 'holds half a surrogate pair' }

/** U+0000, which PostgreSQL cannot store, and half surrogate pairs, which are no Unicode text. */
export function textProblem(text: string): TextProblem | undefined {
  if (text.includes('\0')) return nul
  return text.isWellFormed() ? undefined : loneSurrogate
}

// All but quotation mark, backslash, control characters and surrogates.
const needsCare = /[^ !#-[\]-\ud7ff\ue000-\uffff]/
// Above this length the search costs more than JSON.stringify.
const shortText = 512

/** The text as a JSON string, escaped as RFC 8785 says, or what is wrong with it. */
export function quoteText(text: string): string | TextProblem {
  if (text.length < shortText && !needsCare.test(text)) return `"${text}"`
  return textProblem(text) ?? JSON.stringify(text)
}
