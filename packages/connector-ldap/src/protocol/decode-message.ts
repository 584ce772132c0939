import { BerReader, berTags, notLdap } from './ber-reader.ts'

/** An attribute of an entry as it came. */
interface ReceivedAttribute {
  readonly type: string
  readonly values: readonly Buffer[]
}

/** An entry as it came. */
export interface ReceivedEntry {
  readonly dn: string
  readonly attributes: readonly ReceivedAttribute[]
}

/** What the paged results control returned (RFC 2696). */
interface PagedResult {
  readonly cookie: Buffer
  /** The server's guess of all entries; 0 when it has none. */
  readonly size: number
}

/** The last message of a response. */
export interface ReceivedResult {
  /** Result code of RFC 4511, appendix A; 0 is success. */
  readonly status: number
  readonly errorMessage: string
  readonly paged: PagedResult | undefined
}

/** A message of a server, as far as this connector uses it (RFC 4511, section 4). */
export type ReceivedMessage = { readonly messageId: number } & (
  | { readonly kind: 'entry'; readonly entry: ReceivedEntry }
  | { readonly kind: 'reference'; readonly urls: readonly string[] }
  | { readonly kind: ResultKind; readonly result: ReceivedResult }
  | { readonly kind: 'intermediate' }
)

/** The operation that a result belongs to. */
export type ResultKind = 'bind' | 'search' | 'extended'

const operations = { entry: 0x64, reference: 0x73, intermediate: 0x79 } as const
const resultKinds: ReadonlyMap<number, ResultKind> = new Map([
  [0x61, 'bind'],
  [0x65, 'search'],
  [0x78, 'extended'],
])

const controlsTag = 0xa0
const pagedResultsOid = '1.2.840.113556.1.4.319'
/** Both are sent back to the server, so their size is that of a request. No real one comes near. */
const longestCookie = 65_536
const longestDn = 65_536
/** The rest of a longer one is not read. */
const longestErrorMessage = 4_096

/** The number of objects that decoding may still make: each takes memory, however few bytes stand for it. */
export interface ObjectBudget {
  left: number
  /** The error that ends decoding when nothing is left. */
  readonly exceeded: () => Error
}

/**
 * Decodes one whole message. Every length is checked against what contains it, so the cost is in proportion to the
 * message's bytes.
 * @throws CONNECTOR_ANSWER_INVALID for another structure, the budget's error for more objects than it allows
 */
export function decodeMessage(bytes: Buffer, budget: ObjectBudget): ReceivedMessage {
  const message = new BerReader(bytes).container(berTags.sequence)
  spend(budget)
  const messageId = message.integer()
  const { tag } = message
  if (messageId < 0 || tag === undefined) throw notLdap('a message has no id or no operation')
  const body = message.container(tag)
  if (tag === operations.entry) {
    const entry = decodeEntry(body, budget)
    message.skipAll()
    return { kind: 'entry', messageId, entry }
  }
  if (tag === operations.reference) {
    const urls = decodeUrls(body, budget)
    message.skipAll()
    return { kind: 'reference', messageId, urls }
  }
  const kind = resultKinds.get(tag)
  if (kind !== undefined) {
    const { status, errorMessage } = decodeResult(body)
    return { kind, messageId, result: { status, errorMessage, paged: decodeControls(message) } }
  }
  if (tag !== operations.intermediate) throw notLdap(`a message has the operation ${tag}`)
  body.skipAll()
  message.skipAll()
  return { kind: 'intermediate', messageId }
}

function decodeEntry(body: BerReader, budget: ObjectBudget): ReceivedEntry {
  const dn = body.octets()
  if (dn.length > longestDn) throw notLdap(`a DN has ${dn.length} bytes`)
  const list = body.container(berTags.sequence)
  body.skipAll()
  const attributes: ReceivedAttribute[] = []
  while (!list.done) attributes.push(decodeAttribute(list.container(berTags.sequence), budget))
  return { dn: dn.toString('utf8'), attributes }
}

function decodeAttribute(attribute: BerReader, budget: ObjectBudget): ReceivedAttribute {
  spend(budget)
  const type = attribute.octets().toString('utf8')
  const set = attribute.container(berTags.set)
  attribute.skipAll()
  // Counting costs little: too many values are refused before any of them becomes an object.
  spend(budget, set.count(budget.left + 1))
  const values: Buffer[] = []
  while (!set.done) values.push(set.octets())
  return { type, values }
}

function decodeUrls(body: BerReader, budget: ObjectBudget): readonly string[] {
  const urls: string[] = []
  while (!body.done) {
    spend(budget)
    urls.push(body.octets().toString('utf8'))
  }
  return urls
}

/** The parts that every result begins with; referrals, SASL credentials and extended values after them are not used. */
function decodeResult(body: BerReader): Pick<ReceivedResult, 'status' | 'errorMessage'> {
  const status = body.integer(berTags.enumerated)
  body.octets()
  const errorMessage = body.octets().subarray(0, longestErrorMessage).toString('utf8')
  body.skipAll()
  return { status, errorMessage }
}

function decodeControls(message: BerReader): PagedResult | undefined {
  let paged: PagedResult | undefined
  while (!message.done) {
    if (message.tag !== controlsTag) {
      message.skip()
      continue
    }
    const controls = message.container(controlsTag)
    while (!controls.done) paged = decodeControl(controls.container(berTags.sequence)) ?? paged
  }
  return paged
}

function decodeControl(control: BerReader): PagedResult | undefined {
  const oid = control.octets().toString('latin1')
  if (oid !== pagedResultsOid) {
    control.skipAll()
    return undefined
  }
  if (control.tag === berTags.boolean) control.skip()
  const value = control.octets()
  control.skipAll()
  const paged = new BerReader(value).container(berTags.sequence)
  const size = paged.integer()
  const cookie = paged.octets()
  if (cookie.length > longestCookie) throw notLdap(`a paging cookie has ${cookie.length} bytes`)
  return { size, cookie }
}

function spend(budget: ObjectBudget, objects = 1): void {
  budget.left -= objects
  if (budget.left < 0) throw budget.exceeded()
}
