import { createSynclineClient } from '@syncline/client'
import { expect, test } from 'vitest'
import { createEventStreamParser } from '../src/events/parse-event-stream.ts'
import { events, scriptedServer } from './scripted-server.ts'

const mebi = 1_048_576

test('a line of a million characters in pieces of one is read in linear time', () => {
  const parser = createEventStreamParser()
  const data = 'x'.repeat(mebi - 10)
  for (const character of `data: ${data}`) expect(parser.push(character)).toEqual([])
  expect(parser.push('\n\n')).toEqual([{ id: '', event: 'message', data }])
})

test.each([
  ['a line without a break', 'x'.repeat(1_000)],
  ['a comment without a break', ': y'.repeat(300)],
  ['an event of many lines', `data: ${'x'.repeat(1_000)}\n`],
  ['an event of empty lines of data', 'data\n'.repeat(1_000)],
  ['a line that only CRs would end', `\r${'x'.repeat(2 * mebi)}`],
])('%s ends with an error after a mebibyte', (_, piece) => {
  const parser = createEventStreamParser()
  expect(() => {
    for (let pieces = 0; pieces < 5_000; pieces += 1) parser.push(piece)
  }).toThrow(RangeError)
})

test('many events in one piece, and comments for ever, pass', () => {
  const parser = createEventStreamParser()
  const event = `data: ${'x'.repeat(1_000)}\r\n\r\n`
  expect(parser.push(event.repeat(3_000))).toHaveLength(3_000)
  for (let times = 0; times < 5_000; times += 1) parser.push(`: ${'still there '.repeat(100)}\n\n`)
})

test('a stream that is not the API’s ends with UNEXPECTED_ANSWER and is not asked for again', async () => {
  for (const body of [`data: ${'x'.repeat(2 * mebi)}`, 'event: progress\ndata: no JSON\n\n']) {
    const server = await scriptedServer(events(body))
    const client = createSynclineClient({ baseUrl: server.baseUrl })
    const read = async (): Promise<void> => {
      for await (const _ of client.streamRunEvents({ connectorId: 'acme', runId: 'r-1' })) break
    }
    await expect(read()).rejects.toMatchObject({ code: 'UNEXPECTED_ANSWER', operation: 'streamRunEvents' })
    expect(server.requests).toHaveLength(1)
  }
})

test('a base URL of many slashes is read in linear time', async () => {
  const slashes = '/'.repeat(1_000_000)
  const urls: string[] = []
  const client = createSynclineClient({
    baseUrl: `http://h/api${slashes}x${slashes}`,
    fetch: async (url) => {
      urls.push(url)
      return Response.json({ cleared: true })
    },
  })
  await client.clearCache({ connectorId: 'acme' })
  expect(urls[0]).toBe(`http://h/api${slashes}x/connectors/acme/cache`)
})
