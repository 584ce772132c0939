/** Names under which a credential keeps what identifies it, not what proves it: never struck from anything. */
const identifierNames = new Set([
  'account',
  'accountid',
  'audience',
  'clientid',
  'domain',
  'email',
  'host',
  'issuer',
  'keyid',
  'login',
  'realm',
  'region',
  'scope',
  'scopes',
  'tenant',
  'tenantid',
  'tokentype',
  'tokenurl',
  'url',
  'user',
  'userid',
  'username',
])

/** Whether values under this name are secrets: all are, but those a field-standard name calls an identifier. */
export const isSecretName = (name: string): boolean =>
  !identifierNames.has(name.replaceAll(/[-_. ]/g, '').toLowerCase())

/** The least a value must have to be told from chance where text of others is searched: records, cursors. */
const leastTellingLength = 8
const leastLineLength = 24

/** What to look for to find one secret in a text. */
export interface SecretForms {
  /** Plain, JSON-escaped, percent-encoded, hexadecimal, and the long lines of one that has several. */
  readonly literal: readonly string[]
  /** What every Base64 text that has the secret anywhere inside must contain, one per alignment and alphabet. */
  readonly base64: readonly string[]
  /** Long enough to be told from chance. */
  readonly telling: boolean
}

export function secretForms(secret: string): SecretForms {
  const encoded = percentEncodings(secret)
  const hex = Buffer.from(secret).toString('hex')
  const lines = secret.split(/\r?\n/).filter((line) => line !== secret && line.length >= leastLineLength)
  const telling = secret.length >= leastTellingLength
  const literal = [
    secret,
    ...jsonForms(secret),
    ...htmlForms(secret),
    ...encoded,
    ...encoded.map((text) => encodeURIComponent(text)),
    ...encoded.map((text) => text.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase())),
    hex,
    hex.toUpperCase(),
    ...lines,
  ]
  const cores = telling ? [0, 1, 2].map((offset) => base64Core(secret, offset)) : []
  const base64 = cores.flatMap((core) => [core, core.replaceAll('+', '-').replaceAll('/', '_')])
  return { literal: distinct(literal), base64: distinct(base64), telling }
}

const distinct = (forms: readonly string[]): readonly string[] => [...new Set(forms)]

const jsonEscaped = (text: string): string => JSON.stringify(text).slice(1, -1)

/** In JSON as most write it, as PHP does (`\\/`) and as Go does (`\\u0026`), and each of them within JSON again. */
function jsonForms(secret: string): readonly string[] {
  const plain = jsonEscaped(secret)
  const slashes = plain.replaceAll('/', '\\/')
  const unicode = plain.replaceAll(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`)
  return [plain, slashes, unicode].flatMap((text) => [text, jsonEscaped(text)])
}

/** As text of HTML and XML, with the names and numbers that libraries use. */
function htmlForms(secret: string): readonly string[] {
  const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  const escape = (apostrophe: string): string =>
    secret.replaceAll(/[&<>"']/g, (sign) => named[sign] ?? apostrophe)
  return ['&#39;', '&#x27;', '&apos;'].flatMap((apostrophe) => {
    const text = escape(apostrophe)
    return [text, text.replaceAll('/', '&#x2F;')]
  })
}

/** As a part of a URL, and as a form field, with either way to write a space; the two leave other characters plain. */
function percentEncodings(secret: string): readonly string[] {
  const field = new URLSearchParams([['', secret]]).toString().slice(1)
  // `encodeURIComponent` refuses half a surrogate pair.
  return [encodeURIComponent(secret.toWellFormed()), field, field.replaceAll('+', '%20')]
}

const bitsPerCharacter = 6

/** The characters of a Base64 text that depend on nothing but the secret, when it begins `offset` bytes into a group of three. */
function base64Core(secret: string, offset: number): string {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)])
  const first = Math.ceil((offset * 8) / bitsPerCharacter)
  const end = Math.floor((bytes.length * 8) / bitsPerCharacter)
  return bytes.toString('base64').slice(first, end)
}
