// Lists from a server that sends mutated messages at one place of the conversation, and prints what came of it.
import { isSyncError } from '@syncline/core'
import { listWith } from '../list-with.ts'
import { type Asked, type Responder, scriptedServer } from '../scripted/ldap-responder.ts'
import { type Place, wellFormed } from './messages.ts'
import { mutate, pieces, type Random, seededRandom } from './mutate.ts'

/** What a child prints. */
export interface HostileReport {
  /** Pages and errors by code. */
  readonly outcomes: Readonly<Record<string, number>>
  /** The longest turn of the event loop in milliseconds of CPU time, once the code was warm. */
  readonly longestTurnMs: number
  readonly rssMiB: number
}

const [, , place = 'entry', seed = '1', count = '1', bytes = ''] = process.argv
const random = seededRandom(Number(seed))

/** Answers as a server does, but for the place that is broken. */
function answer(asked: Asked, responder: Responder, broken: Buffer | undefined): void {
  const { id } = asked
  const say = (at: Place): void => {
    if (at !== place || broken === undefined) responder.raw(wellFormed[at](id))
    else for (const piece of pieces(broken, random)) responder.raw(piece)
  }
  if (asked.kind === 'startTls') say('startTls')
  else if (asked.kind === 'bind') say('bind')
  else if (asked.kind === 'search') {
    say('entry')
    say('reference')
    say('done')
  }
  if (asked.kind === 'startTls' || asked.kind === 'search' || asked.kind === place) responder.hangUp()
}

function brokenMessage(asked: Asked, draw: Random): Buffer {
  return bytes === '' ? mutate(wellFormed[place as Place](asked.id), draw) : Buffer.from(bytes, 'hex')
}

let isBroken = false
await using server = await scriptedServer((asked, responder) =>
  answer(asked, responder, isBroken ? brokenMessage(asked, random) : undefined),
)
const config = { url: server.url, startTls: place === 'startTls', referrals: 'ignore' }

async function list(): Promise<string> {
  try {
    const { resources } = await listWith(config).page()
    return `page of ${resources.length}`
  } catch (error) {
    return isSyncError(error) ? error.code : `untyped: ${String(error)}`
  }
}

for (let warm = 0; warm < 40; warm++) await list()
isBroken = true
let longestTurnMs = 0
let measuring = true
let last = process.cpuUsage()
const turn = (): void => {
  const spent = process.cpuUsage(last)
  longestTurnMs = Math.max(longestTurnMs, (spent.user + spent.system) / 1_000)
  last = process.cpuUsage()
  if (measuring) setImmediate(turn)
}
turn()
const outcomes: Record<string, number> = {}
for (let left = Number(count); left > 0; left--) {
  const outcome = await list()
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
}
measuring = false
const report: HostileReport = { outcomes, longestTurnMs, rssMiB: process.memoryUsage.rss() / 2 ** 20 }
console.log(JSON.stringify(report))
