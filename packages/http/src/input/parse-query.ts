import { requestInvalid } from '../problems/request-invalid.ts'

const mostParameters = 64

/**
 * The parameters of a query string without its `?`, as text. A name that comes twice, bytes that are not UTF-8 and
 * NUL are refused: nothing is guessed, joined or dropped.
 * @throws REQUEST_INVALID
 */
export function parseQuery(search: string): Record<string, string> {
  const found = new Map<string, string>()
  if (search === '') return {}
  const pairs = search.split('&')
  if (pairs.length > mostParameters) throw requestInvalid('query', `more than ${mostParameters} parameters`)
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    const name = decoded(at < 0 ? pair : pair.slice(0, at))
    const value = decoded(at < 0 ? '' : pair.slice(at + 1))
    if (found.has(name)) throw requestInvalid('query', 'a parameter is given more than once')
    found.set(name, value)
  }
  // Own members only, whatever their names.
  return Object.fromEntries(found)
}

function decoded(text: string): string {
  const value = tryDecode(text.replaceAll('+', ' '))
  if (value === undefined) throw requestInvalid('query', 'the percent-encoding cannot be read as UTF-8')
  if (value.includes('\0')) throw requestInvalid('query', 'NUL characters are not allowed')
  return value
}

function tryDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
