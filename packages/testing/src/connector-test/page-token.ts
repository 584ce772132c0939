import { z } from 'zod'

/** What a token of the scripted upstream stands for. */
export interface TokenPosition {
  readonly resourceType: string
  /** Number of the page to come, from 1. */
  readonly page: number
  readonly offset: number
  readonly modifiedSince: string | null
}

const schema = z.tuple([
  z.string(),
  z.number().int().positive(),
  z.number().int().nonnegative(),
  z.string().nullable(),
])

/** What clients forget to encode, or decode once too often. */
const awkward = '+/=&%25'

export const encodeToken = ({ resourceType, page, offset, modifiedSince }: TokenPosition): string =>
  Buffer.from(JSON.stringify([resourceType, page, offset, modifiedSince])).toString('base64url') + awkward

/** Undefined when the text is no token that was given, byte for byte. */
export function decodeToken(token: string): TokenPosition | undefined {
  if (!token.endsWith(awkward)) return undefined
  try {
    const text = Buffer.from(token.slice(0, -awkward.length), 'base64url').toString()
    const [resourceType, page, offset, modifiedSince] = schema.parse(JSON.parse(text))
    return { resourceType, page, offset, modifiedSince }
  } catch {
    return undefined
  }
}
