import { z } from 'zod'

/** What a cursor stands for. Clients must not look inside. */
export interface PagePosition {
  readonly type: string
  /** Number of the page to come, from 1. */
  readonly page: number
  /** Sequence number of the last entry read. */
  readonly after: number
}

const cursorSchema = z.tuple([z.string(), z.number().int().positive(), z.number().int().nonnegative()])

export const encodeCursor = ({ type, page, after }: PagePosition): string =>
  Buffer.from(JSON.stringify([type, page, after])).toString('base64url')

/** Undefined when the text is no cursor of this upstream. */
export function decodeCursor(cursor: string): PagePosition | undefined {
  try {
    const [type, page, after] = cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
    return { type, page, after }
  } catch {
    return undefined
  }
}
