import { deepEqual, equal, ok } from 'node:assert/strict'
import { contractCases } from './cases.ts'
import { readEvents, type ServerEvent } from './event-reader.ts'
import { holdRun } from './held-run.ts'
import { type ContractStage, own, record } from './stage.ts'
import type { HttpContractSuite } from './suite.ts'

async function allEvents(response: Response): Promise<readonly ServerEvent[]> {
  const events: ServerEvent[] = []
  for await (const event of readEvents(response)) if (event.event !== undefined) events.push(event)
  return events
}

const statusOf = ({ data = '{}' }: ServerEvent): unknown => JSON.parse(data).status

/** Reads up to the first event of this kind, and goes on to hold the connection. */
async function until(events: AsyncGenerator<ServerEvent, void, void>, kind: string): Promise<ServerEvent> {
  for (;;) {
    const { value, done } = await events.next()
    if (done) throw new Error(`The stream ended without an event "${kind}"`)
    if (value.event === kind) return value
  }
}

const resumed = (stage: ContractStage, id: string, lastEventId: string | undefined): Promise<Response> =>
  stage.open(`/runs/${id}/events`, { headers: { 'last-event-id': lastEventId ?? '' } })

export function testEvents(suite: HttpContractSuite): void {
  contractCases(suite, 'GET events', (test) => {
    test('of a run that has ended answer one event, its state, and end', async (stage) => {
      const id = await stage.sync('user', [record('1')])
      const response = await stage.open(`/runs/${id}/events`, { as: 'reader' })
      equal(response.status, 200)
      equal(response.headers.get('content-type')?.startsWith('text/event-stream'), true)
      equal(response.headers.get('cache-control'), 'no-store')
      const [event, ...others] = await allEvents(response)
      deepEqual([event?.event, others], ['finished', []])
      deepEqual(JSON.parse(event?.data ?? ''), (await stage.get(`/runs/${id}`)).body)
    })

    test('follow a run to its end, whichever process carries it out', async (stage) => {
      const { id, finish } = await holdRun(stage)
      const response = await stage.open(`/runs/${id}/events`)
      const events = readEvents(response)
      const first = await until(events, 'progress')
      const { progress, stats } = JSON.parse(first.data ?? '')
      deepEqual([statusOf(first), progress.current, stats.added], ['running', 1, 1])
      await finish()
      const last = await until(events, 'finished')
      deepEqual([statusOf(last), JSON.parse(last.data ?? '').stats.added], ['success', 3])
      equal((await events.next()).done, true)
    })

    test('resume: a known state is not sent again, and the end is never lost', async (stage) => {
      const { id, finish } = await holdRun(stage)
      const abort = new AbortController()
      const opened = await stage.open(`/runs/${id}/events`, { signal: abort.signal })
      const seen = await until(readEvents(opened), 'progress')
      abort.abort()
      // The end comes while nobody listens.
      await finish()
      const events = await allEvents(await resumed(stage, id, seen.id))
      deepEqual(
        events.map(({ event }) => event),
        ['finished'],
      )
      const again = await resumed(stage, id, events[0]?.id)
      deepEqual([again.status, await again.text()], [204, ''])
      for (const made of ['', 'nonsense', `${seen.id}x`]) {
        const answers = await allEvents(await resumed(stage, id, made))
        deepEqual(
          answers.map(({ event }) => event),
          ['finished'],
        )
      }
    })

    test('of a state that is known say only that the connection stands', async (stage) => {
      const { id, finish } = await holdRun(stage)
      const abort = new AbortController()
      const opened = await stage.open(`/runs/${id}/events`, { signal: abort.signal })
      const seen = await until(readEvents(opened), 'progress')
      const events = readEvents(await resumed(stage, id, seen.id))
      const first = await events.next()
      const second = await events.next()
      ok(!first.done && first.value.retry !== undefined)
      ok(!second.done && second.value.comment !== undefined && second.value.event === undefined)
      await finish()
      equal(statusOf(await until(events, 'finished')), 'success')
      abort.abort()
    })

    test('go to any number of readers', async (stage) => {
      const { id, finish } = await holdRun(stage)
      const readers = await Promise.all(Array.from({ length: 5 }, () => stage.open(`/runs/${id}/events`)))
      const read = Promise.all(readers.map(allEvents))
      await finish()
      for (const events of await read) equal(events.at(-1)?.event, 'finished')
    })

    test('end when the server closes, and the run goes on', async (stage) => {
      const { id, finish } = await holdRun(stage)
      const response = await stage.open(`/runs/${id}/events`)
      const events = readEvents(response)
      await until(events, 'progress')
      await stage.server.close()
      for await (const { event } of events) equal(event, undefined)
      equal((await stage.syncline.runs.get(id))?.status, 'running')
      equal((await finish()).status, 'success')
    })

    test('need the permission to read, and an own run', async (stage) => {
      const id = await stage.sync('user', [record('1')])
      equal((await stage.open(`/runs/${id}/events`, { as: 'nobody' })).status, 401)
      equal((await stage.open(`/runs/${id}/events`, { as: 'neighbour' })).status, 404)
      equal((await stage.open('/runs/nothing/events')).status, 404)
      const path = `/connectors/globex/runs/${id}/events`
      equal((await stage.call('GET', path, { as: 'neighbour' })).status, 404)
      equal((await stage.call('GET', `/connectors/${own}/runs/${id}/events?from=1`)).status, 400)
    })
  })
}
