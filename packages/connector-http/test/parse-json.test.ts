import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseJson } from '../src/json/parse-json.ts'

/** What a parser makes of a text. */
async function outcome(parse: () => unknown): Promise<unknown> {
  try {
    return { value: await parse() }
  } catch (error) {
    return error instanceof SyntaxError ? 'SyntaxError' : error
  }
}

const inParts = (text: string, partLength = 4) => outcome(() => parseJson(text, partLength))
const whole = (text: string) => outcome(() => JSON.parse(text))

test('parses any JSON in parts as JSON.parse does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.json({ maxDepth: 6 }), fc.integer({ min: 0, max: 40 }), async (text, length) => {
      expect(await inParts(text, length)).toEqual(await whole(text))
      const spaced = JSON.stringify(JSON.parse(text), null, 3)
      expect(await inParts(spaced, length)).toEqual(await whole(spaced))
    }),
    { numRuns: 1_000 },
  )
})

test('refuses what JSON.parse refuses, wherever the parts end', async () => {
  const text = fc.stringMatching(/^[[\]{},:"a1\\ ]{0,14}$/)
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 0, max: 6 }), async (syntax, length) => {
      for (const tried of [syntax, `[${syntax}]`, `{"a":[[1,2],${syntax}]}`, `[{"b":[3,4,5]}${syntax}]`]) {
        expect([tried, await inParts(tried, length)]).toEqual([tried, await whole(tried)])
      }
    }),
    { numRuns: 3_000 },
  )
})

test.each([
  '[1[2,3]]',
  '[[1,2][3,4]]',
  '[[1,2],,[3,4]]',
  '[[1,2],]',
  '{"a":[1,2],}',
  '{"a":[1,2]"b":[3,4]}',
  '{"a" [1,2,3]}',
  '[1,2}',
  '[1,2]]',
  '[1,2] [3,4]',
  '[1,2',
  '["a]',
  '[1,2] x',
])('refuses %s', async (text) => {
  expect(await inParts(text, 1)).toBe('SyntaxError')
  expect(await whole(text)).toBe('SyntaxError')
})

test.each([
  `[[1,2]${' '.repeat(50)},3]`,
  '{"__proto__":[1,2],"a":{"__proto__":{"b":[1,2]}}}',
  '{"a":[1,2],"a":[3,4],"1":[5,6],"":[7,8]}',
  '["\\\\",["\\"]",[1,2]],"]"]',
  ' \n[ [ ] , { } , [ [ 1 , 2 ] ] ]\t',
])('reads %s', async (text) => {
  for (const length of [0, 1, 2, 5, 9]) expect(await inParts(text, length)).toEqual(await whole(text))
})

test('refuses a long text that is nested very deeply', async () => {
  expect(await inParts('['.repeat(600) + ']'.repeat(600))).toBe('SyntaxError')
  expect(await inParts('['.repeat(400) + ']'.repeat(400))).toEqual(
    await whole('['.repeat(400) + ']'.repeat(400)),
  )
})

test('lets the event loop turn after each part', async () => {
  const text = JSON.stringify(Array.from({ length: 100_000 }, (_, id) => ({ id })))
  let turns = 0
  let isDone = false
  const turning = (): void => {
    turns += 1
    if (!isDone) setImmediate(turning)
  }
  setImmediate(turning)
  await parseJson(text)
  isDone = true
  expect(turns).toBeGreaterThanOrEqual(Math.floor(text.length / 40_000))
})
