import { SyncError } from '@syncline/core'

/** One link of a `Link` header. */
export interface HeaderLink {
  readonly uri: string
  /** In lower case: relation types are compared without case (RFC 8288, section 2.1.1). */
  readonly relations: readonly string[]
}

const maxHeaderLength = 8_192

/**
 * Reads the links of a `Link` header (RFC 8288, section 3) in one pass.
 * @throws CONNECTOR_ANSWER_INVALID when it is longer than 8 KB or not a list of links
 */
export function parseLinks(header: string): readonly HeaderLink[] {
  if (header.length > maxHeaderLength) throw invalid(`is longer than ${maxHeaderLength} characters`)
  const links: HeaderLink[] = []
  for (let at = skip(header, 0, ' \t,'); at < header.length; at = skip(header, at, ' \t,')) {
    const end = header.indexOf('>', at)
    if (header[at] !== '<' || end === -1) throw invalid('is not a list of links in angle brackets')
    const parameters = readParameters(header, end + 1)
    links.push({ uri: header.slice(at + 1, end).trim(), relations: parameters.relations })
    at = parameters.end
  }
  return links
}

/** The parameters after a link; of several `rel` the first counts. */
function readParameters(
  header: string,
  start: number,
): { readonly relations: string[]; readonly end: number } {
  let rel: string | undefined
  let at = skip(header, start, ' \t')
  while (header[at] === ';') {
    const nameStart = skip(header, at + 1, ' \t')
    const nameEnd = find(header, nameStart, '=;,')
    const name = header.slice(nameStart, nameEnd).trim().toLowerCase()
    const value = header[nameEnd] === '=' ? readValue(header, nameEnd + 1) : { text: '', end: nameEnd }
    if (name === 'rel') rel ??= value.text
    at = skip(header, value.end, ' \t')
  }
  if (at < header.length && header[at] !== ',') throw invalid('has text between two links')
  // Some quote with apostrophes, which are no quotation marks there.
  const relations = (rel ?? '').toLowerCase().replaceAll("'", '').split(/[ \t]/)
  return { relations: relations.filter((one) => one !== ''), end: at }
}

function readValue(header: string, start: number): { readonly text: string; readonly end: number } {
  const at = skip(header, start, ' \t')
  if (header[at] !== '"') {
    const end = find(header, at, ';,')
    return { text: header.slice(at, end).trim(), end }
  }
  let text = ''
  for (let next = at + 1; next < header.length; next++) {
    if (header[next] === '"') return { text, end: next + 1 }
    if (header[next] === '\\') next += 1
    text += header[next] ?? ''
  }
  throw invalid('has a quotation mark that is not closed')
}

/** The first place from `at` on that holds none of these characters. */
function skip(text: string, at: number, characters: string): number {
  let next = at
  while (next < text.length && characters.includes(text[next] ?? '')) next += 1
  return next
}

/** The first place from `at` on that holds one of these characters, or the end. */
function find(text: string, at: number, characters: string): number {
  let next = at
  while (next < text.length && !characters.includes(text[next] ?? '')) next += 1
  return next
}

const invalid = (why: string): SyncError =>
  new SyncError('CONNECTOR_ANSWER_INVALID', `The Link header ${why}`, { details: { failureType: 'system' } })
