/**
 * The text of a security identifier ([MS-DTYP] 2.4.2): `S-1-5-21-…-1013`. Undefined for bytes that are none.
 */
export function sidText(bytes: Buffer): string | undefined {
  const count = bytes[1]
  if (bytes[0] !== 1 || count === undefined || count > 15 || bytes.length !== 8 + 4 * count) return undefined
  const authority = bytes.readUIntBE(2, 6)
  const parts = Array.from({ length: count }, (_, index) => bytes.readUInt32LE(8 + 4 * index))
  return ['S', '1', authority, ...parts].join('-')
}

/** The SID's last part, which tells accounts and groups of one domain apart. */
export function relativeId(sid: Buffer): number | undefined {
  return sidText(sid) === undefined || sid.length < 12 ? undefined : sid.readUInt32LE(sid.length - 4)
}

/** The SID of another account or group of the same domain. */
export function siblingSid(sid: Buffer, relative: number): Buffer | undefined {
  if (
    relativeId(sid) === undefined ||
    !Number.isInteger(relative) ||
    relative < 0 ||
    relative > 0xffff_ffff
  ) {
    return undefined
  }
  const sibling = Buffer.from(sid)
  sibling.writeUInt32LE(relative, sibling.length - 4)
  return sibling
}
