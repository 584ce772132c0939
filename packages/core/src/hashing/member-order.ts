import { quoteText, type TextProblem } from './json-text.ts'

/** How the members of objects with the same names in the same order are written. */
interface MemberOrder {
  /** The names as the object lists them. */
  readonly given: readonly string[]
  /** The same in canonical order, without the unsafe ones. */
  readonly sorted: readonly string[]
  /** `sorted` as JSON, each with its colon. */
  readonly quoted: readonly string[]
}

/** A name that cannot be written. */
interface NameProblem extends TextProblem {
  readonly name: string
}

const unsafeNames: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** Names that a merge or a path could take for the prototype of an object. */
export const isUnsafeName = (name: string): boolean => unsafeNames.has(name)

// Records of one listing have few shapes. Remembered for the life of the process and bounded in every direction.
const maxOrders = 512
const maxOrdersPerFirstName = 4
const maxQuotedNames = 4_096
const maxNamesPerOrder = 64
const maxNameLength = 64

const ordersByFirstName = new Map<string, MemberOrder[]>()
let orderCount = 0
const quotedNames = new Map<string, string>()

/** How to write an object with these names: sorted by UTF-16 code unit (RFC 8785, section 3.2.3). */
export function memberOrder(given: readonly string[]): MemberOrder | NameProblem {
  const known = ordersByFirstName.get(given[0] ?? '')
  return (known && recall(known, given)) ?? build(given, known)
}

/** The order met last stands in front. */
function recall(known: MemberOrder[], given: readonly string[]): MemberOrder | undefined {
  for (let place = 0; place < known.length; place++) {
    const order = known[place]
    if (order === undefined || !sameNames(order.given, given)) continue
    const previous = known[place - 1]
    if (previous !== undefined) {
      known[place] = previous
      known[place - 1] = order
    }
    return order
  }
  return undefined
}

function sameNames(left: readonly string[], right: readonly string[]): boolean {
  if (left.length !== right.length) return false
  for (let place = 0; place < left.length; place++) if (left[place] !== right[place]) return false
  return true
}

function build(given: readonly string[], known: MemberOrder[] | undefined): MemberOrder | NameProblem {
  const sorted = sortNames(given.filter((name) => !isUnsafeName(name)))
  const quoted: string[] = []
  for (const name of sorted) {
    const text = quotedName(name)
    if (typeof text !== 'string') return { ...text, name }
    quoted.push(text)
  }
  const order = { given, sorted, quoted }
  if (isWorthRemembering(given, known)) {
    orderCount++
    if (known === undefined) ordersByFirstName.set(given[0] ?? '', [order])
    else known.push(order)
  }
  return order
}

function isWorthRemembering(given: readonly string[], known: readonly MemberOrder[] | undefined): boolean {
  return (
    orderCount < maxOrders &&
    (known === undefined || known.length < maxOrdersPerFirstName) &&
    given.length <= maxNamesPerOrder &&
    given.every((name) => name.length <= maxNameLength)
  )
}

function quotedName(name: string): string | TextProblem {
  const known = quotedNames.get(name)
  if (known !== undefined) return known
  const text = quoteText(name)
  if (typeof text !== 'string') return text
  const quoted = `${text}:`
  if (quotedNames.size < maxQuotedNames && name.length <= maxNameLength) quotedNames.set(name, quoted)
  return quoted
}

/** Short lists, which nearly all are, sort fastest by insertion; both ways compare code units. */
function sortNames(names: string[]): string[] {
  if (names.length > 64) return names.toSorted()
  for (let end = 1; end < names.length; end++) {
    const name = names[end] ?? ''
    let place = end - 1
    for (let other = names[place]; other !== undefined && other > name; other = names[--place]) {
      names[place + 1] = other
    }
    names[place + 1] = name
  }
  return names
}
