import { isSyncError } from '@syncline/core'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listAll } from '../list-with.ts'
import { type Item, person, type ScriptedServer, startScripted } from './scripted-server.ts'

/** Something that happens upstream between two pages; numbers choose whom and where. */
type Happening =
  | { readonly kind: 'delete'; readonly who: number }
  | { readonly kind: 'add'; readonly id: number; readonly where: number }
  | { readonly kind: 'move'; readonly who: number; readonly where: number }

const position = fc.nat({ max: 1_000 })
const deletion = fc.record({ kind: fc.constant('delete' as const), who: position })
const addition = fc.record({ kind: fc.constant('add' as const), id: position, where: position })
const move = fc.record({ kind: fc.constant('move' as const), who: position, where: position })
const quiet = fc.constant<readonly Happening[]>([])

const setting = (between: fc.Arbitrary<readonly Happening[]>) =>
  fc.record({
    count: fc.integer({ min: 0, max: 40 }),
    pageSize: fc.integer({ min: 2, max: 15 }),
    cap: fc.integer({ min: 2, max: 12 }),
    between: fc.array(fc.oneof({ weight: 2, arbitrary: quiet }, { weight: 1, arbitrary: between }), {
      maxLength: 12,
    }),
  })

type Setting = typeof setting extends (...args: never) => fc.Arbitrary<infer Value> ? Value : never

function happen(users: Item[], happening: Happening): Item[] {
  if (happening.kind === 'add') {
    const id = `u${String(happening.id).padStart(4, '0')}n`
    if (users.some((item) => item.id === id)) return users
    return users.toSpliced(happening.where % (users.length + 1), 0, person(id))
  }
  if (users.length === 0) return users
  const at = happening.who % users.length
  const [item] = users.slice(at, at + 1)
  const rest = users.toSpliced(at, 1)
  if (happening.kind === 'delete' || item === undefined) return rest
  return rest.toSpliced(happening.where % (rest.length + 1), 0, item)
}

describe('a listing by startIndex that ends', () => {
  let server: ScriptedServer
  beforeAll(async () => {
    server = await startScripted()
  })
  afterAll(() => server.close())

  /** @returns how many listings ended well */
  const check = async (
    between: fc.Arbitrary<readonly Happening[]>,
    upstream: { readonly sorts: boolean; readonly numRuns: number },
  ): Promise<number> => {
    let ended = 0
    const listsAllWhoStayed = async ({
      count,
      pageSize,
      cap,
      between: happenings,
    }: Setting): Promise<void> => {
      const { script } = server
      server.seen.length = 0
      script.sorts = upstream.sorts
      script.provides = { sort: { supported: upstream.sorts } }
      script.cap = cap
      script.users = Array.from({ length: count }, (_, index) =>
        person(`u${String(index * 25).padStart(4, '0')}`),
      )
      const stayed = new Set(script.users.map(({ id }) => id))
      script.onRequest = ({ path }) => {
        if (path !== '/Users') return
        for (const one of happenings[server.lists().length - 2] ?? [])
          script.users = happen(script.users, one)
        const now = new Set(script.users.map(({ id }) => id))
        for (const id of stayed) if (!now.has(id)) stayed.delete(id)
      }
      try {
        const listed = new Set(await listAll({ baseUrl: server.url }, pageSize))
        ended += 1
        expect([...stayed].filter((id) => !listed.has(String(id)))).toEqual([])
      } catch (error) {
        if (!isSyncError(error, 'DELTA_EXPIRED')) throw error
      }
    }
    await fc.assert(fc.asyncProperty(setting(between), listsAllWhoStayed), { numRuns: upstream.numRuns })
    return ended
  }

  it('has met everyone who was there all along, whatever else happened, where upstream sorts by id', async () => {
    const anything = fc.array(fc.oneof(deletion, addition), { maxLength: 4 })
    const ended = await check(anything, { sorts: true, numRuns: 150 })
    expect(ended).toBeGreaterThan(120)
  })

  it('has met everyone who was there all along, where rows move and one thing happens between two pages', async () => {
    const oneThing = fc.oneof(deletion, addition, move).map((one) => [one])
    const ended = await check(oneThing, { sorts: false, numRuns: 150 })
    expect(ended).toBeGreaterThan(50)
  })
})
