import { SyncError } from '../errors.ts'
import type { QuarantineReason } from '../model/quarantine.ts'
import { CanonicalProblem, formatPath } from './canonical-problem.ts'
import { quoteText } from './json-text.ts'
import { memberOrder } from './member-order.ts'
import { isPlainObject } from './plain-object.ts'

const maxDepth = 64
const maxBytes = 1_048_576

/**
 * The one JSON text of a value, whatever the order of its members: RFC 8785. What JSON leaves out is left out
 * (`undefined` members), `toJSON` is honoured, and members named `__proto__`, `constructor` or `prototype` are
 * dropped at every depth, the only difference to the RFC.
 * @throws RECORD_INVALID, with `reason` and `path` in its details, for what JSON or PostgreSQL cannot carry:
 * U+0000, half surrogate pairs, NaN, infinities, bigints, functions, symbols, instances of classes, more than 64
 * levels (so cycles too) or more than 1 MiB
 */
export function canonicalJson(value: unknown): string {
  try {
    return writeCanonical(value, 'value')
  } catch (error) {
    if (!(error instanceof CanonicalProblem)) throw error
    const { reason, path, message } = error
    throw new SyncError('RECORD_INVALID', `No canonical JSON: ${message}`, {
      details: { reason, path },
      cause: error,
    })
  }
}

/**
 * The same for the library's own use: paths start with `root`.
 * @throws CanonicalProblem and nothing else
 */
export function writeCanonical(value: unknown, root: string): string {
  return new CanonicalWriter(root).write(value)
}

/** Checks while it writes, in one pass; each member is read once. */
class CanonicalWriter {
  readonly #root: string
  /** Where the writer is: one step for each container it is in. */
  readonly #steps: (string | number)[] = []
  #depth = 0

  constructor(root: string) {
    this.#root = root
  }

  write(value: unknown): string {
    let text: string | undefined
    try {
      text = this.#value(value)
    } catch (error) {
      // A getter or a toJSON of somebody else's. Its message may quote data, so it only travels as the cause.
      throw error instanceof CanonicalProblem ? error : this.#problem('NOT_JSON', 'throws when read', error)
    }
    if (text === undefined) throw this.#problem('NOT_JSON', 'is undefined')
    // Text has at least as many bytes as UTF-16 code units, and at most three times as many.
    if (text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes) throw this.#tooLarge()
    return text
  }

  /** Undefined where JSON leaves the value out. */
  #value(value: unknown): string | undefined {
    switch (typeof value) {
      case 'string':
        return this.#string(value)
      case 'number':
        // The text of a number in RFC 8785 is that of ECMAScript.
        if (Number.isFinite(value)) return `${value}`
        throw this.#problem('NOT_JSON', `is ${value}, which JSON cannot carry`)
      case 'boolean':
        return value ? 'true' : 'false'
      case 'undefined':
        return undefined
      case 'object':
        return value === null ? 'null' : this.#container(value)
      case 'bigint':
      case 'function':
      case 'symbol':
        break
    }
    throw this.#problem('NOT_JSON', `is a ${typeof value}, which JSON cannot carry`)
  }

  #string(value: string): string {
    if (value.length > maxBytes) throw this.#tooLarge()
    const text = quoteText(value)
    if (typeof text === 'string') return text
    throw this.#problem(text.reason, text.fact)
  }

  #container(value: object): string | undefined {
    if (Array.isArray(value)) return this.#array(value)
    const { toJSON } = value as { toJSON?: unknown }
    if (typeof toJSON !== 'function') return this.#plain(value)
    // As in JSON.stringify: it gets the name, and its answer is not asked again.
    const name = String(this.#steps[this.#depth - 1] ?? '')
    const answer: unknown = Reflect.apply(toJSON, value, [this.#depth === 0 ? '' : name])
    if (typeof answer !== 'object' || answer === null) return this.#value(answer)
    return Array.isArray(answer) ? this.#array(answer) : this.#plain(answer)
  }

  #plain(value: object): string {
    if (!isPlainObject(value))
      throw this.#problem('NOT_JSON', 'is an instance of a class, not a plain object')
    return this.#object(value)
  }

  #array(items: readonly unknown[]): string {
    this.#enter()
    let text = '['
    for (let index = 0; index < items.length; index++) {
      this.#steps[this.#depth - 1] = index
      const item = this.#value(items[index]) ?? 'null'
      text += index === 0 ? item : `,${item}`
      if (text.length > maxBytes) throw this.#tooLarge()
    }
    this.#depth--
    return `${text}]`
  }

  #object(members: Readonly<Record<string, unknown>>): string {
    this.#enter()
    const order = memberOrder(Object.keys(members))
    if ('name' in order) {
      this.#steps[this.#depth - 1] = order.name
      throw this.#problem(order.reason, `is a name that ${order.fact}`)
    }
    const { sorted, quoted } = order
    let text = ''
    for (let place = 0; place < sorted.length; place++) {
      const name = sorted[place] ?? ''
      this.#steps[this.#depth - 1] = name
      const member = this.#value(members[name])
      if (member === undefined) continue
      text += text === '' ? `{${quoted[place]}${member}` : `,${quoted[place]}${member}`
      if (text.length > maxBytes) throw this.#tooLarge()
    }
    this.#depth--
    return text === '' ? '{}' : `${text}}`
  }

  #enter(): void {
    if (this.#depth === maxDepth) throw this.#problem('TOO_DEEP', `is nested deeper than ${maxDepth} levels`)
    this.#depth++
    this.#steps[this.#depth - 1] = ''
  }

  #tooLarge(): CanonicalProblem {
    this.#depth = 0
    return this.#problem('TOO_LARGE', 'is over 1 MiB of JSON')
  }

  #problem(reason: QuarantineReason, fact: string, cause?: unknown): CanonicalProblem {
    const path = formatPath(this.#root, this.#steps.slice(0, this.#depth))
    return new CanonicalProblem({ reason, path, fact, cause })
  }
}
