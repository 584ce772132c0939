import { type Filter, FilterParser } from 'ldapts'
import { hasControlCharacter } from './control-characters.ts'

/**
 * Reads an LDAP filter (RFC 4515). White space between its parts is left out, white space in values is kept.
 * @throws Error for text that is not a filter
 */
export function readFilter(text: string): Filter {
  // An unescaped parenthesis is never part of a value.
  const compact = text
    .trim()
    .replace(/\(\s+/g, '(')
    .replace(/\(([&|!])\s+(?=\()/g, '($1')
    .replace(/\)\s+(?=[()])/g, ')')
  if (/\\[89a-f][0-9a-f]/i.test(compact)) throw new Error('write characters beyond ASCII as themselves')
  if (hasControlCharacter(compact) || /\\(?:[01][0-9a-f]|7f)/i.test(compact)) {
    throw new Error('control characters are not allowed')
  }
  return FilterParser.parseString(compact)
}
