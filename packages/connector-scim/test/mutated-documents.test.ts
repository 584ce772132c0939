import { isSyncError } from '@syncline/core'
import { expect, test } from 'vitest'
import { oneOf, seeded, watchLoop } from '../../connector-http/test/loop-watch.ts'
import { groupsOf, setScimStage, usersOf } from './scim-stage.ts'
import { startScripted } from './scripted/scripted-server.ts'

const odd: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  2 ** 60,
  '',
  ' ',
  'text',
  '\0',
  '\ud800',
  '.',
  '../x',
  [],
  {},
  [null],
  [[]],
  [{}],
  { value: 'u1' },
  [
    { value: 'u1', type: 'Group' },
    { value: 'u1', type: 'direct', $ref: 'http://[' },
  ],
  [{ $ref: '../Groups/%' }],
  { ['__proto__']: { a: 1 }, constructor: { prototype: 1 } },
  Array.from({ length: 20_000 }, (_, index) => ({ value: `u${index}` })),
  JSON.parse(`${'['.repeat(300)}${']'.repeat(300)}`),
  'x'.repeat(300_000),
]
const names =
  'id userName displayName name emails groups members active roles meta schemas password title'.split(' ')
names.push(
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  'urn:x:2.0:User',
  'urn:x:2.0:User:password',
)
const listNames = ['Resources', 'totalResults', 'startIndex', 'itemsPerPage', 'nextCursor', 'schemas']

const spelled = (random: () => number, name: string): string =>
  oneOf(random, [name, name, name.toUpperCase(), name.toLowerCase()])

function mutated(random: () => number, item: object): object {
  const changes = Array.from({ length: 1 + Math.floor(random() * 4) }, () => [
    spelled(random, oneOf(random, names)),
    oneOf(random, odd),
  ])
  return { ...item, ...Object.fromEntries(changes) }
}

test('500 mutated documents are each a right result or a typed error, and store no password', async () => {
  const random = seeded(7_644)
  const server = await startScripted({
    users: [{ id: 'u1', userName: 'ann', emails: [{ value: 'ann@x.example' }], password: 'never-stored-17' }],
    groups: [{ id: 'g1', displayName: 'G', members: [{ value: 'u1' }] }],
    onRequest: ({ path }) => {
      if (path !== '/ServiceProviderConfig' || random() < 0.8) return undefined
      return { body: oneOf(random, [...odd, { filter: oneOf(random, odd), pagination: { cursor: true } }]) }
    },
    rewrite(answer) {
      const resources = [answer.Resources].flat()
      const Resources = resources.map((item) => mutated(random, Object(item)))
      const whole = {
        ...answer,
        Resources: [...Resources, { id: 'kept', displayName: 'Kept', userName: 'kept', members: [] }],
      }
      if (random() < 0.7) return { ...whole, totalResults: Resources.length + 1 }
      return { ...whole, [spelled(random, oneOf(random, listNames))]: oneOf(random, odd) }
    },
  })
  const stage = await setScimStage(server.url, { limits: { maxRetries: 0 }, config: { maxPasses: 1 } })
  const outcomes = new Map<string, number>()
  const watched = watchLoop()
  for (let count = 0; count < 500; count++) {
    const outcome = await stage.syncline.sync({ ...(count % 2 ? groupsOf : usersOf), mode: 'full' }).then(
      ({ status, error }) => error?.code ?? status,
      (error: unknown) => (isSyncError(error) ? error.code : String(error)),
    )
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
  const cost = watched()
  process.stdout.write(
    `mutated SCIM documents: ${JSON.stringify({ ...Object.fromEntries(outcomes), ...cost })}\n`,
  )
  await server.close()
  const wrong = ['INTERNAL', 'CONNECTOR_FAILED']
  const isTyped = (outcome: string): boolean => /^(success|partial|guarded|[A-Z_]+)$/.test(outcome)
  expect([...outcomes.keys()].filter((outcome) => wrong.includes(outcome) || !isTyped(outcome))).toEqual([])
  expect(outcomes.get('success')).toBeGreaterThan(50)
  const rows = await stage.store.resources.find({ ...usersOf, stale: false, limit: 1_000 })
  expect(JSON.stringify(rows)).not.toContain('never-stored-17')
  expect(cost.longestMs).toBeLessThan(1_000)
  expect(cost.grownMb).toBeLessThan(500)
})
