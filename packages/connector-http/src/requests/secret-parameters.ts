/** Query parameters an authenticator wrote, by name and value: they prove who asks. */
export type SecretParameters = readonly (readonly [name: string, value: string])[]

export const addedParameters = (before: URL, after: URL): SecretParameters =>
  [...after.searchParams].filter(([name, value]) => !before.searchParams.getAll(name).includes(value))

/** A shorter one is met by chance. */
const leastTellingLength = 8

/**
 * Returns the address without them: whatever the case of their names, and without any parameter whose value holds one
 * of their values, plain, percent-encoded or in Base64, up to three times over.
 */
export function withoutParameters(url: URL, secrets: SecretParameters): URL {
  const left = new URL(url)
  const names = secrets.map(([name]) => name.toLowerCase())
  const values = secrets.map(([, value]) => value).filter((value) => value.length >= leastTellingLength)
  for (const [name, value] of url.searchParams) {
    const isSecret = names.includes(name.toLowerCase()) || (values.length > 0 && holdsOne(value, values, 3))
    if (isSecret) left.searchParams.delete(name, value)
  }
  return left
}

/** @param times how often the text may be decoded */
function holdsOne(text: string, secrets: readonly string[], times: number): boolean {
  if (secrets.some((secret) => text.includes(secret))) return true
  if (times === 0) return false
  return decodings(text).some((decoded) => holdsOne(decoded, secrets, times - 1))
}

/** What an encoded text may stand for. */
function decodings(text: string): readonly string[] {
  const found: string[] = []
  if (/[%+]/.test(text)) found.push(decodePercent(text.replaceAll('+', ' ')), decodePercent(text))
  if (/^[\w+/=-]{8,}$/.test(text)) found.push(Buffer.from(text, 'base64').toString())
  return found.filter((decoded) => decoded !== text)
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
