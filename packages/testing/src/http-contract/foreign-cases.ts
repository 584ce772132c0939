import { deepEqual, equal } from 'node:assert/strict'
import type { Answer, Method } from './call-api.ts'
import { contractCases } from './cases.ts'
import { rowOf, setPeople } from './match-cases.ts'
import { type ContractStage, foreign, own, record, unknown } from './stage.ts'
import type { HttpContractSuite } from './suite.ts'

/** What a sender could tell answers apart by. Dates, ids of requests and what is left of a limit differ anyway. */
function shownOf({ status, headers, text }: Answer): unknown {
  const passing = /^(date|x-request-id|x-ratelimit-.*|ratelimit.*)$/
  return { status, text, headers: [...headers].filter(([name]) => !passing.test(name)) }
}

type Place = readonly [Method, string, unknown?]

const places = (runId: string, matchId: string): readonly Place[] => [
  ['GET', '/resources'],
  ['GET', '/quarantine'],
  ['GET', '/runs'],
  ['GET', `/runs/${runId}`],
  ['GET', `/runs/${runId}/events`],
  ['POST', `/runs/${runId}/approve`],
  ['POST', `/runs/${runId}/cancel`],
  ['GET', '/sync-matches?type=user'],
  ['GET', '/sync-matches/stats?type=user'],
  ['POST', `/sync-matches/${matchId}/resolve`, { action: 'skip' }],
  ['POST', `/sync-matches/${matchId}/unlink`],
  ['POST', '/sync-matches/bulk-resolve', { matchIds: [matchId], action: 'skip' }],
]

/** Everything that a request of a stranger could change. */
const stateOf = async ({ syncline }: ContractStage): Promise<unknown> => ({
  runs: await syncline.runs.list({ limit: 100 }),
  matches: await syncline.matches.list({ connectorId: own, resourceType: 'user' }),
  resources: await syncline.resources.list({ connectorId: own }),
})

export function testForeign(suite: HttpContractSuite): void {
  contractCases(suite, 'what belongs to others', (test) => {
    test('a connector of another tenant is answered as one that does not exist, byte for byte', async (stage) => {
      await setPeople(stage)
      await stage.sync('user', [])
      const [run] = await stage.syncline.runs.list({ connectorId: own })
      const { id } = await rowOf(stage, '7')
      const before = await stateOf(stage)
      for (const [method, path, body] of places(run?.runId ?? '', id)) {
        const ask = async (connectorId: string) => {
          const answer = await stage.call(method, `/connectors/${connectorId}${path}`, {
            as: 'neighbour',
            body,
          })
          deepEqual([answer.status, answer.body.code], [404, 'NOT_FOUND'], path)
          return shownOf(answer)
        }
        deepEqual(await ask(own), await ask(unknown), path)
      }
      deepEqual(await stateOf(stage), before)
    })

    test('runs and rows of another connector are answered as ones that do not exist, byte for byte', async (stage) => {
      await setPeople(stage)
      await stage.sync('user', [record('theirs')], foreign)
      const [run] = await stage.syncline.runs.list({ connectorId: own })
      const { id } = await rowOf(stage, '7')
      const before = await stateOf(stage)
      const ofOwn = places(run?.runId ?? '', id)
      const ofNobody = places('0198b0d0-0000-7000-8000-000000000000', '0198b0d0-0000-7000-8000-000000000000')
      for (const [index, [method, path, body]] of ofOwn.entries()) {
        const [, other = '', none] = ofNobody[index] ?? []
        if (other === path) continue
        const ask = async (place: string, sent: unknown) =>
          stage.call(method, `/connectors/${foreign}${place}`, { as: 'neighbour', body: sent })
        const answer = await ask(path, body)
        equal(answer.status, 404, path)
        deepEqual(shownOf(answer), shownOf(await ask(other, none)), path)
      }
      deepEqual(await stateOf(stage), before)
    })
  })
}
