/**
 * The text of an `objectGUID`: 16 bytes, the first three fields with their lowest byte first ([MS-DTYP] 2.3.4.2),
 * as Active Directory's own tools print it but in lower case. Undefined for anything but 16 bytes.
 */
export function guidText(bytes: Buffer): string | undefined {
  if (bytes.length !== 16) return undefined
  const fields = [
    bytes.readUInt32LE(0).toString(16).padStart(8, '0'),
    bytes.readUInt16LE(4).toString(16).padStart(4, '0'),
    bytes.readUInt16LE(6).toString(16).padStart(4, '0'),
    bytes.toString('hex', 8, 10),
    bytes.toString('hex', 10, 16),
  ]
  return fields.join('-')
}
