import { createSynclineClient, type RunEvent } from '@syncline/client'
import { fakeClock } from '@syncline/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createEventStreamParser } from '../src/events/parse-event-stream.ts'
import { drop, events, json, problem, scriptedServer } from './scripted-server.ts'

const run = { connectorId: 'acme', runId: 'r-1' } as const
const event = (id: string, kind: string, data: object): string =>
  `id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`

const connect = (baseUrl: string, clock = fakeClock({ auto: true })) =>
  createSynclineClient({ baseUrl, clock, random: () => 1 })

async function all(stream: AsyncIterable<RunEvent>): Promise<readonly RunEvent[]> {
  const told: RunEvent[] = []
  for await (const one of stream) told.push(one)
  return told
}

describe('streamRunEvents', () => {
  test('goes on from the last event when the connection breaks, after the wait that the server asked for', async () => {
    const server = await scriptedServer(
      events(`retry: 2000\n\n: hello\n\n${event('1', 'progress', { n: 1 })}`, (response) =>
        response.destroy(),
      ),
      drop,
      events(`retry: 2000\n\n${event('2', 'progress', { n: 2 })}`, (response) => response.end()),
      events(event('3', 'finished', { n: 3 })),
    )
    const clock = fakeClock({ auto: true })
    const told = await all(connect(server.baseUrl, clock).streamRunEvents(run))
    expect(told).toEqual([
      { id: '1', event: 'progress', run: { n: 1 } },
      { id: '2', event: 'progress', run: { n: 2 } },
      { id: '3', event: 'finished', run: { n: 3 } },
    ])
    expect(server.requests.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '1', '1', '2'])
    expect(clock.slept).toEqual([2_000, 2_000, 2_000])
    expect(clock.timers).toBe(0)
  })

  test('gives up after a few connections that brought nothing', async () => {
    const server = await scriptedServer(
      events(event('1', 'progress', {}), (response) => response.end()),
      drop,
    )
    const told: unknown[] = []
    const reading = (async () => {
      for await (const one of connect(server.baseUrl).streamRunEvents(run)) told.push(one)
    })()
    await expect(reading).rejects.toMatchObject({ code: 'UNREACHABLE' })
    expect(told).toHaveLength(1)
    expect(server.requests).toHaveLength(5)
  })

  test('a connection without a sign of life for 45 seconds is made again', async () => {
    const clock = fakeClock()
    const server = await scriptedServer(events(': hello\n\n'), events(event('1', 'finished', {})))
    const reading = all(connect(server.baseUrl, clock).streamRunEvents(run))
    while (clock.timers === 0) await new Promise((resolve) => setImmediate(resolve))
    const woken = clock.nextSleep()
    // Whether the sign of life has come yet or not: the silence after it is what counts.
    while (clock.sleepers === 0) {
      await clock.advance(45_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await woken
    await clock.advance(1_000)
    expect(await reading).toHaveLength(1)
    expect(server.requests).toHaveLength(2)
  })

  test('nothing comes when the end is known already', async () => {
    const server = await scriptedServer((_, response) => void response.writeHead(204).end())
    expect(await all(connect(server.baseUrl).streamRunEvents(run, { lastEventId: '9' }))).toEqual([])
    expect(server.requests[0]?.headers['last-event-id']).toBe('9')
  })

  test('a refusal is thrown, at once or on the way', async () => {
    const gone = problem(404, { code: 'NOT_FOUND' })
    const server = await scriptedServer(gone)
    await expect(all(connect(server.baseUrl).streamRunEvents(run))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    const later = await scriptedServer(
      events(event('1', 'progress', {}), (response) => response.end()),
      gone,
    )
    await expect(all(connect(later.baseUrl).streamRunEvents(run))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    expect(later.requests).toHaveLength(2)
  })

  test('who leaves the loop, and who aborts, closes the connection and leaves no timer', async () => {
    const clock = fakeClock()
    const closed: Promise<void>[] = []
    const server = await scriptedServer((request, response) => {
      closed.push(new Promise((resolve) => void response.once('close', resolve)))
      events(event('1', 'progress', {}))(request, response)
    })
    const client = connect(server.baseUrl, clock)
    for await (const one of client.streamRunEvents(run)) {
      expect(one.event).toBe('progress')
      break
    }
    await closed[0]
    const leaving = new AbortController()
    const reason = new Error('left')
    const reading = (async () => {
      for await (const one of client.streamRunEvents(run, { signal: leaving.signal })) {
        expect(one.id).toBe('1')
        leaving.abort(reason)
      }
    })()
    await expect(reading).rejects.toBe(reason)
    await closed[1]
    expect([clock.timers, clock.sleepers]).toEqual([0, 0])
  })

  test('an answer that is no stream is refused', async () => {
    const server = await scriptedServer(json(200, []))
    await expect(all(connect(server.baseUrl).streamRunEvents(run))).rejects.toMatchObject({
      code: 'UNEXPECTED_ANSWER',
    })
  })
})

describe('the parser of event streams', () => {
  const parse = (...pieces: readonly string[]) => {
    const parser = createEventStreamParser()
    return pieces.flatMap((piece) => parser.push(piece))
  }

  test('reads fields, comments and line breaks of every kind as the standard says', () => {
    expect(
      parse('\n: c\nevent:a\ndata: 1\ndata:2\nid: x\r\n\r\ndata\r\rfoo: bar\ndata: {}\n\ndata: cut'),
    ).toEqual([
      { id: 'x', event: 'a', data: '1\n2' },
      { id: 'x', event: 'message', data: '' },
      { id: 'x', event: 'message', data: '{}' },
    ])
  })

  test('what it reads does not depend on where the pieces end', () => {
    const line = fc.constantFrom(
      'data: a',
      'data: \u00e9',
      'id: 1',
      'event: e',
      ': c',
      '',
      'retry: 5',
      'data',
    )
    const text = fc
      .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 20 })
      .map((lines) => `${lines.map((parts) => parts.join('')).join('')}\n.`)
    fc.assert(
      fc.property(text, fc.array(fc.nat({ max: 99 })), (whole, cuts) => {
        const places = [0, ...cuts.map((cut) => cut % (whole.length + 1)), whole.length].toSorted(
          (a, b) => a - b,
        )
        const pieces = places.slice(1).map((to, index) => whole.slice(places[index], to))
        expect(parse(...pieces)).toEqual(parse(whole))
      }),
    )
  })
})
