import type { UpstreamRecord } from '@syncline/core'
import { describe, expect, test } from 'vitest'
import { people, person, setStage, users } from './stage.ts'

const deep = (levels: number): unknown => (levels === 0 ? 'bottom' : { in: deep(levels - 1) })

// What PostgreSQL cannot keep, or nobody should: each with the reason it is quarantined for.
const poisons: Readonly<Record<string, readonly [reason: string, record: unknown]>> = {
  'NUL in the display name': ['NUL_CHARACTER', person(0, { displayName: 'a\u0000b' })],
  'NUL in the id': ['NUL_CHARACTER', person(0, { externalId: 'a\u0000' })],
  'NUL in an attribute': ['NUL_CHARACTER', person(0, { attributes: { notes: [{ text: '\u0000' }] } })],
  'NUL in a key': ['NUL_CHARACTER', person(0, { attributes: { 'k\u0000': 1 } })],
  'a lone surrogate': ['LONE_SURROGATE', person(0, { attributes: { emoji: '\ud83d' } })],
  'a lone surrogate in the e-mail': ['LONE_SURROGATE', person(0, { email: '\udc00@acme.example' })],
  'a display name of 256': ['TOO_LONG', person(0, { displayName: 'x'.repeat(256) })],
  'an id of 256': ['TOO_LONG', person(0, { externalId: 'x'.repeat(256) })],
  '65 levels': ['TOO_DEEP', person(0, { attributes: { deep: deep(65) } })],
  'over 1 MiB': ['TOO_LARGE', person(0, { attributes: { blob: 'x'.repeat(1_048_577) } })],
  NaN: ['NOT_JSON', person(0, { attributes: { n: Number.NaN } })],
  'a bigint': ['NOT_JSON', person(0, { attributes: { n: 1n } })],
  'a Map': ['NOT_JSON', person(0, { attributes: { map: new Map() } })],
  'a number for an id': ['INVALID_SHAPE', { ...person(0), externalId: 9_007_199_254_740_993 }],
  'an empty id': ['INVALID_SHAPE', person(0, { externalId: '' })],
  'no display name': ['INVALID_SHAPE', { externalId: 'x', attributes: {} }],
  null: ['INVALID_SHAPE', null],
  'a string': ['INVALID_SHAPE', 'Ada'],
}

describe('a record that cannot be kept', () => {
  test.each(Object.entries(poisons))(
    '(%s) is quarantined with its reason at every position of a page; the other 49 are stored',
    async (_, [reason, poison]) => {
      for (let position = 0; position < 50; position++) {
        const page: unknown[] = people(49, 1)
        page.splice(position, 0, poison)
        const { syncline } = await setStage([page as UpstreamRecord[]])
        const run = await syncline.sync(users)
        expect(run).toMatchObject({ status: 'success', stats: { added: 49, quarantined: 1 } })
        const { data } = await syncline.quarantine.list(users)
        expect(data).toEqual([expect.objectContaining({ reason, position, pageNumber: 1 })])
      }
    },
  )

  test('__proto__-like keys are dropped and the record is kept', async () => {
    const attributes = JSON.parse('{"ok":1,"__proto__":{"admin":true},"in":{"constructor":2,"prototype":3}}')
    const { syncline } = await setStage([[person(0, { attributes })]])
    await syncline.sync(users)
    const kept = await syncline.resources.get({ ...users, externalId: 'u0' })
    expect(JSON.stringify(kept?.attributes)).toBe('{"in":{},"ok":1}')
  })

  test('leaves quarantine when a good version arrives, and when upstream no longer lists it', async () => {
    const bad = [person(0, { displayName: '\u0000' }), person(1, { displayName: '\u0000' })]
    const stage = await setStage([bad])
    await stage.syncline.sync(users)
    expect((await stage.syncline.quarantine.list(users)).total).toBe(2)
    stage.connector.script('user', [[person(0)]])
    await stage.syncline.sync(users)
    expect((await stage.syncline.quarantine.list(users)).total).toBe(0)
  })
})
