import { setImmediate as nextTurn } from 'node:timers/promises'
import { JsonContainer } from './json-container.ts'

/** Length of what is parsed at once: even its most expensive form takes milliseconds. */
const defaultPartLength = 32_768
/** More than documents have. Deeper ones exhaust the stack of the code that walks through them. */
const maxDepth = 500

/**
 * Parses JSON as `JSON.parse` does, a long text in parts, with a turn of the event loop after each.
 * @throws SyntaxError for a text that is not JSON, and for a long one that is nested more than 500 levels deep
 */
export async function parseJson(text: string, partLength = defaultPartLength): Promise<unknown> {
  if (text.length <= partLength) return JSON.parse(text)
  const root = new JsonContainer(text, undefined)
  // The containers of all levels, used again for each that is opened there.
  const levels = [root]
  let depth = 0
  let top = root
  let seen = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      const end = endOfString(text, at)
      top.nameAt = at
      top.nameEnd = end
      at = end - 1
    } else if (code === openBracket || code === openBrace) {
      depth += 1
      if (depth > maxDepth) throw new SyntaxError(`nested more than ${maxDepth} levels deep`)
      const opened = levels[depth] ?? new JsonContainer(text, top)
      levels[depth] = opened
      opened.open(at, code === openBracket)
      top = opened
    } else if (code === closeBracket || code === closeBrace) {
      if (depth === 0 || top.isArray !== (code === closeBracket))
        throw new SyntaxError('brackets do not match')
      top.close(at)
      depth -= 1
      top = levels[depth] ?? root
    } else if (code === comma && depth > 0 && at - top.from >= partLength) {
      top.parseUntilComma(at)
    }
    if (at - seen >= partLength) {
      seen = at
      await nextTurn()
    }
  }
  if (depth > 0) throw new SyntaxError('the text ends too early')
  return root.isParsed ? root.onlyElement() : JSON.parse(text)
}

const quote = 0x22
const comma = 0x2c
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
const backslash = 0x5c

/** The place after the closing quotation mark. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end - 1
    while (text.charCodeAt(before) === backslash) before -= 1
    if ((end - before) % 2 === 1) return end + 1
  }
  throw new SyntaxError('a string does not end')
}
