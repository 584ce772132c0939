import type { SecretForms } from './secret-forms.ts'

/** Stands where a secret was. */
export const redacted = '[redacted]'

const sensitiveName =
  '(?:proxy-)?authorization|(?:set-)?cookie|(?:x-)?api[-_ ]?key|[\\w-]{0,32}(?:secret|password|passwd|passphrase)|(?:[\\w-]{0,32}[-_]|access|refresh|id|auth|bearer)token|private[-_]?key|client[-_]?assertion'

const sensitiveField = new RegExp(`^(?:${sensitiveName}|token|credentials?)$`, 'i')

/** Whether a field of this name holds secrets, as far as names can tell. */
export const isSensitiveField = (name: string): boolean => sensitiveField.test(name)

/** `Authorization: …` to the end of the line; `"access_token": "…"`, `api_key=…` to the end of the value. */
const headerLine =
  /\b((?:proxy-)?authorization|(?:set-)?cookie)(["']?\s{0,4}[:=]\s{0,4})(?!\[redacted\])[^\r\n]+/gi
const namedValue = new RegExp(
  `\\b(${sensitiveName}|token)((?:\\\\{0,7}["'])?\\s{0,40}[:=]\\s{0,40})(?!\\[redacted\\])(?:\\\\{1,7}"[^"]*"?|"(?:[^"\\\\]|\\\\.)*"?|'[^']*'?|[^\\s"'&,;<>{}()]+)`,
  'gi',
)
/** A digit or padding tells a token from the next word of a sentence. */
const scheme = /\b(bearer|basic|digest|negotiate)(\s{1,4})(?=[\w.~+/-]{0,64}[\d=])[\w.~+/=-]{6,}/gi
/** `<password>…</password>`, whatever the prefix and the attributes. */
const xmlElement = new RegExp(
  `(<(?:[\\w.-]{1,32}:)?(?:${sensitiveName}|token)(?:\\s[^<>]{0,500})?>)[^<]+`,
  'gi',
)
/** A JSON Web Token, which begins with `{"` in Base64. */
const webToken = /(?<![\w-])eyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)*/g
const userInfo = /(\b[a-z][a-z0-9+.-]{1,15}:\/\/)[^\s/?#@"']{1,512}@/gi

/** Strikes what stands under a sensitive name, without knowing any secret. */
export const redactByName = (text: string): string =>
  text
    .replaceAll(headerLine, `$1$2${redacted}`)
    .replaceAll(xmlElement, `$1${redacted}`)
    .replaceAll(namedValue, `$1$2${redacted}`)
    .replaceAll(scheme, `$1$2${redacted}`)
    .replaceAll(webToken, redacted)
    .replaceAll(userInfo, `$1${redacted}@`)

/** Strikes every form of the given secrets, wherever it stands. */
export function redactByValue(text: string, secrets: readonly SecretForms[]): string {
  let left = text
  for (const { literal, base64 } of secrets) {
    for (const form of base64) left = strikeBase64(left, form)
    for (const form of literal) left = left.replaceAll(form, redacted)
  }
  return left
}

const base64Character = /[A-Za-z0-9+/_=-]/

/** Strikes the whole Base64 text around a find: its ends hold the secret's first and last bits. */
function strikeBase64(text: string, core: string): string {
  const pieces: string[] = []
  let from = 0
  for (let at = text.indexOf(core); at >= 0; at = text.indexOf(core, from)) {
    let start = at
    let end = at + core.length
    while (start > from && base64Character.test(text.charAt(start - 1))) start -= 1
    while (end < text.length && base64Character.test(text.charAt(end))) end += 1
    pieces.push(text.slice(from, start), redacted)
    from = end
  }
  return pieces.join('') + text.slice(from)
}
