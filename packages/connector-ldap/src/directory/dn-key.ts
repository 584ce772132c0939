/**
 * A text that two spellings of one DN share: case, spaces around separators, escapes and the order within a
 * multi-valued RDN make no difference (RFC 4514; RFC 4518 in short). It is a shortcut: where two keys differ, the
 * server is asked whether the DNs do. Undefined for text that is no DN, and for one too long to be worth it.
 */
export function dnKey(dn: string): string | undefined {
  return rdnKeys(dn)?.join(',')
}

/** How many levels a DN is below another: 0 for the same one. Undefined when it is elsewhere. */
export function depthBelow(dn: string, base: string): number | undefined {
  const [path, top] = [rdnKeys(dn), rdnKeys(base)]
  if (path === undefined || top === undefined) return undefined
  const depth = path.length - top.length
  return depth >= 0 && top.every((key, at) => key === path[depth + at]) ? depth : undefined
}

/** Reading a DN costs about a microsecond a character at worst. */
const longestDn = 2_048

function rdnKeys(dn: string): readonly string[] | undefined {
  if (dn.length > longestDn) return undefined
  const rdns = splitUnescaped(dn, /[,;]/)
  const keys = rdns.flatMap((rdn) => rdnKey(rdn) ?? [])
  return keys.length === rdns.length ? keys : undefined
}

function rdnKey(rdn: string): string | undefined {
  const parts = splitUnescaped(rdn, /\+/)
  const keys = parts.flatMap((part) => assertionKey(part) ?? [])
  return keys.length === parts.length ? keys.toSorted().join('+') : undefined
}

function assertionKey(part: string): string | undefined {
  const split = part.indexOf('=')
  if (split < 1) return undefined
  const type = part
    .slice(0, split)
    .trim()
    .toLowerCase()
    .replace(/^oid\./, '')
  const raw = trimUnescaped(part.slice(split + 1))
  const value = raw.startsWith('#') ? raw : unescape(unquote(raw))
  // JSON keeps what the separators mean apart from what values hold.
  return `${type}=${JSON.stringify(value.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim())}`
}

/** Splits where a separator stands neither escaped nor within quotes. */
function splitUnescaped(text: string, separator: RegExp): string[] {
  const parts: string[] = []
  let start = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '\\') at += 1
    else if (character === '"') quoted = !quoted
    else if (!quoted && separator.test(character)) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  return [...parts, text.slice(start)]
}

/** An escaped space at the end belongs to the value. */
function trimUnescaped(text: string): string {
  const trimmed = text.trim()
  return /(?:^|[^\\])(?:\\\\)*\\$/.test(trimmed) ? `${trimmed} ` : trimmed
}

const unquote = (text: string): string => /^"(.*)"$/s.exec(text)?.[1] ?? text

/** `\2C` and `\,` mean the same; bytes beyond ASCII come as several of the first. */
const unescape = (text: string): string =>
  text.replace(
    /((?:\\[0-9a-f]{2})+)|\\(.)/gis,
    (_, hex: string | undefined, character: string | undefined) =>
      hex === undefined ? (character ?? '') : Buffer.from(hex.replaceAll('\\', ''), 'hex').toString('utf8'),
  )
