import { AsyncLocalStorage } from 'node:async_hooks'
import { writeSync } from 'node:fs'
import type { PeopleCommit } from '@syncline/core'
import pg from 'pg'
import type { HostName } from './host-kinds.ts'
import { openPeople } from './people-process.ts'
import { staff } from './staff.ts'

/**
 * Runs one post-sync and kills itself at a point, given as `point:occurrence`. Points lie before and after every call
 * of a port, and before and after every commit that such a call makes. Without a cut it tells all points it came by.
 */
const [connectionString = '', host = 'own', cut = ''] = process.argv.slice(2)

const points: string[] = []
const occurrences = new Map<string, number>()

function reach(point: string): void {
  const occurrence = (occurrences.get(point) ?? 0) + 1
  occurrences.set(point, occurrence)
  points.push(`${point}:${occurrence}`)
  if (points.at(-1) !== cut) return
  // The parent must know that it was this, and not somebody else's kill.
  writeSync(1, cut)
  process.kill(process.pid, 'SIGKILL')
  throw new Error('still alive')
}

const callUnderWay = new AsyncLocalStorage<string>()

/** A commit of people is named after what it writes: that is the step it belongs to. */
function nameOf(method: string, [first]: readonly unknown[]): string {
  if (method !== 'people.commit') return method
  const { matches, actions, settled, jobs, triggeredTo } = first as PeopleCommit
  const parts = Object.entries({ matches, actions, settled, jobs }).filter(([, part]) => part.length > 0)
  const names = [...parts.map(([name]) => name), ...(triggeredTo === undefined ? [] : ['position'])]
  return `${method} of ${names.join('+')}`
}

function watched<Port extends object>(port: Port, prefix: string): Port {
  return new Proxy(port, {
    get(target, key) {
      const method: unknown = Reflect.get(target, key)
      if (typeof method !== 'function' || typeof key !== 'string' || key === 'close') return method
      return (...given: readonly unknown[]) => {
        const name = nameOf(`${prefix}.${key}`, given)
        return callUnderWay.run(name, async () => {
          reach(`before ${name}`)
          const answer: unknown = await Reflect.apply(method, target, given)
          reach(`after ${name}`)
          return answer
        })
      }
    },
  })
}

// oxlint-disable-next-line unbound-method -- called with the client it is called on
const send = pg.Client.prototype.query
// The driver's own entrance: whatever the adapter does, it passes here.
pg.Client.prototype.query = function query(this: pg.Client, ...args: unknown[]) {
  const [first] = args
  const text = typeof first === 'string' ? first : (first as { text?: string }).text
  const name = callUnderWay.getStore()
  if (text !== 'commit' || name === undefined) return Reflect.apply(send, this, args) as unknown
  reach(`before the commit in ${name}`)
  return (Reflect.apply(send, this, args) as Promise<unknown>).then((answer) => {
    reach(`after the commit in ${name}`)
    return answer
  })
} as typeof send

const people = openPeople(connectionString, {
  host: host as HostName,
  watch: ({ store, users, profiles, workflows }) => ({
    store: {
      ...store,
      changes: watched(store.changes, 'changes'),
      ...(store.people && { people: watched(store.people, 'people') }),
    },
    users: watched(users, 'users'),
    profiles: watched(profiles, 'profiles'),
    workflows: watched(workflows, 'workflows'),
  }),
})
const { status, stats, error } = await people.syncline.postSync.run(staff)
process.send?.({ status, stats, error, points })
await people.close()
process.disconnect?.()
