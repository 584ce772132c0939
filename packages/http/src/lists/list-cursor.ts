import { z } from 'zod'
import { requestInvalid } from '../problems/request-invalid.ts'

/** An external id as part of a place. Nobody made one with NUL: no store could keep it. */
export const placeText = z
  .string()
  .max(1_024)
  .refine((text) => !text.includes('\0'))

/**
 * Places in a list as opaque text. They grant nothing, so they are not signed: whatever one says, the query is scoped
 * by the caller's own connector.
 */
export interface ListCursors<Key> {
  encode(key: Key): string
  /** @throws REQUEST_INVALID for what is no cursor of this list of this connector */
  decode(cursor: string): Key
}

export function listCursors<Key>(
  list: { readonly name: string; readonly connectorId: string },
  schema: z.ZodType<Key>,
): ListCursors<Key> {
  const { name, connectorId } = list
  return {
    encode: (key) => Buffer.from(JSON.stringify([name, connectorId, key])).toString('base64url'),
    decode(cursor) {
      const value = jsonOf(cursor)
      const [ofName, ofConnector, key] = Array.isArray(value) ? value : []
      const parsed = schema.safeParse(key)
      if (ofName === name && ofConnector === connectorId && parsed.success) return parsed.data
      throw requestInvalid('query', '"after" is no cursor of this list')
    },
  }
}

function jsonOf(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}
