import { once } from 'node:events'
import { constants, createGzip } from 'node:zlib'

/** So many zeros, packed to about a thousandth. */
export async function gzipBomb(bytes: number): Promise<Buffer> {
  const gzip = createGzip({ level: constants.Z_BEST_COMPRESSION })
  const chunks: Buffer[] = []
  gzip.on('data', (chunk: Buffer) => chunks.push(chunk))
  const zeros = Buffer.alloc(1024 * 1024)
  for (let done = 0; done < bytes; done += zeros.length) {
    if (!gzip.write(zeros)) await once(gzip, 'drain')
  }
  const ended = once(gzip, 'end')
  gzip.end()
  await ended
  return Buffer.concat(chunks)
}
