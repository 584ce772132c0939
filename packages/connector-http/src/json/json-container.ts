/**
 * An array or object of a JSON text, parsed part by part when it turns out to be long. Short ones are parsed with the
 * part of their parent. The text as a whole is an array without brackets.
 */
export class JsonContainer {
  /** Where the part begins that is not parsed yet. */
  from = 0
  isArray = true
  /** Whether it has a value of its own. */
  isParsed = false
  /** Where the last string is: in an object it may be the name of what follows. */
  nameAt = 0
  nameEnd = 0
  #at = 0
  /** What stands before the part that is not parsed yet. */
  #before: 'nothing' | 'comma' | 'child' = 'nothing'
  #elements: unknown[] = []
  #members: Record<string, unknown> = {}
  readonly #text: string
  readonly #parent: JsonContainer | undefined

  constructor(text: string, parent: JsonContainer | undefined) {
    this.#text = text
    this.#parent = parent
  }

  /** Makes it stand for the container that begins at this place. */
  open(at: number, isArray: boolean): void {
    this.#at = at
    this.from = at + 1
    this.isArray = isArray
    if (!this.isParsed) return
    this.isParsed = false
    this.#before = 'nothing'
    this.#elements = []
    this.#members = {}
  }

  /** Parses the elements before the comma at this place. */
  parseUntilComma(at: number): void {
    this.#begin()
    const part = this.#partUntil(at)
    if (part.trim() !== '') {
      this.#add(part)
    } else if (this.#isBlankAfterChild(at)) {
      // The comma belongs to the next part.
      this.from = at
      return
    } else throw new SyntaxError('an element is missing')
    this.from = at + 1
    this.#before = 'comma'
  }

  /** Ends it at this place. */
  close(at: number): void {
    if (!this.isParsed) return
    this.#finish(at)
    this.#parent?.takeChild(this.isArray ? this.#elements : this.#members, at + 1)
  }

  /** The value of the text. */
  onlyElement(): unknown {
    this.#finish(this.#text.length)
    if (this.#elements.length !== 1) throw new SyntaxError('there is not one value')
    return this.#elements[0]
  }

  #begin(): void {
    if (this.isParsed) return
    this.isParsed = true
    this.#parent?.parseUntilChild(this.#at)
  }

  /** Parses the elements before the container within this one that begins at this place. */
  parseUntilChild(at: number): void {
    this.#begin()
    const part = this.#partUntil(at)
    if (part === '' && this.#isBlankAfterChild(at)) throw new SyntaxError('a comma is missing')
    // What stands before the container has its name or a comma at its end.
    this.#add(`${part} 0`)
    if (this.isArray) this.#elements.pop()
    this.from = at
  }

  /** Takes the value of the container within this one that ended before this place. */
  takeChild(child: unknown, end: number): void {
    if (this.isArray) this.#elements.push(child)
    else this.#set(String(JSON.parse(this.#text.slice(this.nameAt, this.nameEnd))), child)
    this.from = end
    this.#before = 'child'
  }

  #finish(at: number): void {
    const part = this.#partUntil(at)
    if (part.trim() !== '') this.#add(part)
    else if (!this.#isBlankAfterChild(at) && this.#before !== 'nothing') {
      throw new SyntaxError('an element is missing')
    }
  }

  /** The elements of a part, without the comma that stands before them. */
  #partUntil(at: number): string {
    const part = this.#text.slice(this.from, at)
    if (this.#before !== 'child') return part
    const rest = part.trimStart()
    if (rest !== '' && !rest.startsWith(',')) throw new SyntaxError('a comma is missing')
    return rest.slice(1)
  }

  #isBlankAfterChild(at: number): boolean {
    return this.#before === 'child' && this.#text.slice(this.from, at).trim() === ''
  }

  #add(part: string): void {
    if (this.isArray) {
      const elements: readonly unknown[] = JSON.parse(`[${part}]`)
      // Spread into `push`, many would overflow the stack.
      for (const element of elements) this.#elements.push(element)
    } else {
      const members: Readonly<Record<string, unknown>> = JSON.parse(`{${part}}`)
      for (const name of Object.keys(members)) this.#set(name, members[name])
    }
  }

  #set(name: string, value: unknown): void {
    // Assigned, it would become the prototype.
    if (name !== '__proto__') this.#members[name] = value
    else
      Object.defineProperty(this.#members, name, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      })
  }
}
