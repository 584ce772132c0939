import { isSyncError } from '@syncline/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { listCursors } from '../src/lists/list-cursor.ts'

const key = z.object({ resourceType: z.string(), externalId: z.string() })
const cursors = listCursors({ name: 'resources', connectorId: 'acme' }, key)
const keys = fc.record({ resourceType: fc.string(), externalId: fc.string({ unit: 'grapheme' }) })

const refused = (cursor: string): boolean => {
  try {
    cursors.decode(cursor)
    return false
  } catch (error) {
    return isSyncError(error, 'REQUEST_INVALID')
  }
}

test('a key comes back as it was, and its cursor needs no encoding in a query', () => {
  fc.assert(
    fc.property(keys, (one) => {
      const cursor = cursors.encode(one)
      expect(cursor).toMatch(/^[\w-]+$/)
      expect(cursors.decode(cursor)).toEqual(one)
    }),
  )
})

test('a cursor of another list, another connector or another form of key is refused', () => {
  fc.assert(
    fc.property(keys, (one) => {
      expect(refused(listCursors({ name: 'runs', connectorId: 'acme' }, key).encode(one))).toBe(true)
      expect(refused(listCursors({ name: 'resources', connectorId: 'globex' }, key).encode(one))).toBe(true)
      const texts = listCursors({ name: 'resources', connectorId: 'acme' }, z.string())
      expect(refused(texts.encode(one.externalId))).toBe(true)
    }),
  )
})

test('anything else is refused, never understood', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), refused))
  fc.assert(fc.property(fc.json(), (json) => refused(Buffer.from(json).toString('base64url'))))
})
