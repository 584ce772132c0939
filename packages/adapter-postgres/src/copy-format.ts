/** What a binary COPY begins with: signature, flags and the length of the header's extension. */
export const copyHeader: Uint8Array = Buffer.concat([
  Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'),
  Buffer.alloc(8),
])

/** What it ends with, where the next row would say how many columns it has. */
export const copyTrailer: Uint8Array = Buffer.from([0xff, 0xff])
