import { isSyncError } from '@syncline/core'
import {
  companyDirectory,
  companyGroupSchema,
  companyUserSchema,
  type Directory,
  evolveCompany,
} from '@syncline/testing/upstream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const start = Date.UTC(2026, 0, 1)

function company(options: { people: number; groups: number; seed: number }) {
  let now = start
  const directory = companyDirectory({ ...options, now: () => new Date(now) })
  return { directory, tick: () => new Date((now += 60_000)).toISOString() }
}

const usersOf = (directory: Directory) =>
  directory.entries('user').map((entry) => companyUserSchema.parse(entry))
const groupsOf = (directory: Directory) =>
  directory.entries('group').map((entry) => companyGroupSchema.parse(entry))

function expectConsistent(directory: Directory): void {
  const users = new Map(usersOf(directory).map((user) => [user.id, user]))
  const groups = new Map(groupsOf(directory).map((group) => [group.id, group]))
  const fromUsers = [...users.values()].flatMap(({ id, groups: own }) => own.map((group) => `${group} ${id}`))
  const fromGroups = [...groups.values()].flatMap(({ id, members }) => members.map((user) => `${id} ${user}`))
  expect(new Set(fromUsers).size).toBe(fromUsers.length)
  expect(fromGroups.toSorted()).toEqual(fromUsers.toSorted())
  for (const { parent } of groups.values()) expect(parent === null || groups.has(parent)).toBe(true)
  for (const { id, manager, departmentId, groups: own, department } of users.values()) {
    expect(manager === null || (users.has(manager) && manager !== id)).toBe(true)
    expect(own).toContain(departmentId)
    expect(groups.get(departmentId)?.name).toBe(department)
  }
}

const smallCompany = (seed: number): Directory => company({ people: 300, groups: 40, seed }).directory

function evolved(seed: number) {
  const directory = smallCompany(1)
  const changes = evolveCompany(directory, { joiners: 5, leavers: 5, movers: 5, seed })
  return { changes, users: directory.entries('user'), groups: directory.entries('group') }
}

describe('an invented company', () => {
  test('of the default size is varied and agrees with itself', () => {
    const directory = companyDirectory({ seed: 1 })
    const users = usersOf(directory)
    const groups = groupsOf(directory)
    expect([users.length, groups.length]).toEqual([20_000, 400])
    expectConsistent(directory)
    const missing = users.filter(({ mail }) => mail === null).length / users.length
    expect(missing).toBeGreaterThan(0.015)
    expect(missing).toBeLessThan(0.025)
    expect(new Set(users.map(({ identityIssuer }) => identityIssuer)).size).toBeGreaterThan(3)
    expect(new Set(users.map(({ employeeType }) => employeeType)).size).toBe(4)
    const domains = new Set(users.flatMap(({ mail }) => mail?.split('@')[1] ?? []))
    expect(domains.size).toBeGreaterThan(3)
    expect([...domains].filter((domain) => !domain.endsWith('.example'))).toEqual([])
    expect(groups.some(({ parent }) => groups.find(({ id }) => id === parent)?.parent)).toBe(true)
    const names = users.map(({ name }) => name).join(' ')
    for (const script of [
      /\p{Script=Arabic}/u,
      /\p{Script=Hebrew}/u,
      /\p{Mn}/u,
      /\p{Script=Han}/u,
      /İ/,
      /🦊/u,
    ]) {
      expect(names).toMatch(script)
    }
  })

  test('is the same for the same seed and another for another', () => {
    expect(smallCompany(7).entries('user')).toEqual(smallCompany(7).entries('user'))
    expect(smallCompany(7).entries('group')).toEqual(smallCompany(7).entries('group'))
    expect(smallCompany(8).entries('user')).not.toEqual(smallCompany(7).entries('user'))
  })

  test('has exactly the size asked for, however small', () => {
    const sizes = fc.record({ people: fc.nat(60), groups: fc.integer({ min: 1, max: 60 }), seed: fc.nat() })
    fc.assert(
      fc.property(sizes, (options) => {
        const { directory } = company(options)
        expect(directory.entries('user')).toHaveLength(options.people)
        expect(directory.entries('group')).toHaveLength(options.groups)
        expectConsistent(directory)
      }),
      { numRuns: 50 },
    )
  })

  test('needs a group', () => {
    let thrown: unknown
    try {
      companyDirectory({ groups: 0, seed: 1 })
    } catch (error) {
      thrown = error
    }
    expect(isSyncError(thrown, 'OPTIONS_INVALID')).toBe(true)
  })
})

describe('a company that evolves', () => {
  test('changes exactly the entries it names, and still agrees with itself', () => {
    const changes = fc.record({
      joiners: fc.nat(10),
      leavers: fc.nat(10),
      movers: fc.nat(10),
      seed: fc.nat(),
    })
    fc.assert(
      fc.property(changes, (options) => {
        const { directory, tick } = company({ people: 80, groups: 12, seed: 3 })
        const before = new Set(directory.entries('user').map(({ id }) => id))
        const since = tick()
        const done = evolveCompany(directory, options)
        expectConsistent(directory)
        const { joined, left, moved, reassigned, regrouped } = done
        expect([joined.length, left.length, moved.length]).toEqual([
          options.joiners,
          options.leavers,
          options.movers,
        ])
        const wanted = new Set([...before].filter((id) => !left.includes(id)).concat(joined))
        expect(new Set(directory.entries('user').map(({ id }) => id))).toEqual(wanted)
        const changed = (type: string) =>
          directory
            .entries(type)
            .filter(({ updatedAt }) => updatedAt === since)
            .map(({ id }) => id)
            .toSorted()
        expect(changed('user')).toEqual([...joined, ...moved, ...reassigned].toSorted())
        expect(changed('group')).toEqual(regrouped.toSorted())
      }),
      { numRuns: 40 },
    )
  })

  test('keeps fields that were added to its entries', () => {
    const directory = smallCompany(1)
    for (const user of directory.entries('user')) directory.put('user', { ...user, badge: `b-${user.id}` })
    const { moved } = evolveCompany(directory, { movers: 3, seed: 1 })
    expect(moved.map((id) => directory.get('user', id)?.badge)).toEqual(moved.map((id) => `b-${id}`))
  })

  test('does so the same way for the same seed', () => {
    expect(evolved(9)).toEqual(evolved(9))
    expect(evolved(8)).not.toEqual(evolved(9))
  })
})
