import { joinGroups, managerIn, pickGroups } from './company-directory.ts'
import {
  type CompanyGroup,
  type CompanyUser,
  companyGroupSchema,
  companyUserSchema,
} from './company-entries.ts'
import type { Directory } from './directory.ts'
import { hire, placeIn } from './hire.ts'
import { type SeededRandom, seededRandom } from './seeded-random.ts'

export interface EvolveOptions {
  /** @default 0 */
  readonly joiners?: number | undefined
  /** At most as many as there are users. @default 0 */
  readonly leavers?: number | undefined
  /** Users who change department; at most as many as stay. @default 0 */
  readonly movers?: number | undefined
  readonly seed: number
}

/** Ids of the users concerned. */
export interface CompanyChanges {
  readonly joined: readonly string[]
  readonly left: readonly string[]
  readonly moved: readonly string[]
  /** Users whose manager left, moved ones aside. */
  readonly reassigned: readonly string[]
  /** Groups whose members changed. */
  readonly regrouped: readonly string[]
}

/**
 * Lets time pass in a directory made by `companyDirectory`: people join, leave and move. Entries that change are
 * put, with a new `updatedAt`; leavers are removed; all others are left alone.
 */
export function evolveCompany(directory: Directory, options: EvolveOptions): CompanyChanges {
  const { joiners = 0, leavers = 0, movers = 0, seed } = options
  const random = seededRandom(seed)
  const company = readCompany(directory)
  const { users, groups } = company
  const drawn = random.shuffle([...users.values()])
  const leaving = drawn.slice(0, leavers)
  const departments = [...company.groups.values()].filter(({ groupType }) => groupType === 'department')
  // A company of one department has nowhere to move to.
  const moving = departments.length > 1 ? drawn.slice(leavers, leavers + movers) : []
  const membersBefore = new Map([...groups.values()].map(({ id, members }) => [id, members.join()]))

  for (const user of leaving) leave(company, user)
  const reassigned = reassignReports(company, leaving)
  for (const user of moving) move(random, { company, user, departments })
  const joined = Array.from({ length: joiners }, () => join(random, company, departments))
  const regrouped = [...groups.values()].filter(({ id, members }) => membersBefore.get(id) !== members.join())

  for (const { id } of leaving) directory.remove('user', id)
  for (const user of new Set([...moving, ...reassigned, ...joined])) put(directory, 'user', user)
  for (const group of regrouped) put(directory, 'group', group)
  const still = new Set(moving)
  return {
    joined: joined.map(({ id }) => id),
    left: leaving.map(({ id }) => id),
    moved: moving.map(({ id }) => id),
    reassigned: reassigned.filter((user) => !still.has(user)).map(({ id }) => id),
    regrouped: regrouped.map(({ id }) => id),
  }
}

/** Keeps fields this file knows nothing of. */
function put(directory: Directory, type: string, entry: CompanyUser | CompanyGroup): void {
  directory.put(type, { ...directory.get(type, entry.id), ...entry })
}

interface Company {
  readonly users: Map<string, CompanyUser>
  readonly groups: Map<string, CompanyGroup>
  /** Number of the next user: ids of leavers are not used again, but for the very last. */
  nextNumber: number
  readonly mails: Set<string>
}

function readCompany(directory: Directory): Company {
  const users = directory.entries('user').map((entry) => companyUserSchema.parse(entry))
  const groups = directory.entries('group').map((entry) => companyGroupSchema.parse(entry))
  const numbers = users.map(({ id }) => Number(id.replace('usr_', '')))
  return {
    users: new Map(users.map((user) => [user.id, user])),
    groups: new Map(groups.map((group) => [group.id, group])),
    nextNumber: numbers.reduce((highest, number) => Math.max(highest, number), 0) + 1,
    mails: new Set(users.flatMap(({ mail }) => mail ?? [])),
  }
}

function leave({ users, groups }: Company, user: CompanyUser): void {
  users.delete(user.id)
  for (const id of user.groups) leaveGroup(groups.get(id), user)
}

function leaveGroup(group: CompanyGroup | undefined, user: CompanyUser): void {
  const place = group?.members.indexOf(user.id) ?? -1
  if (place >= 0) group?.members.splice(place, 1)
}

/** Reports of leavers go to the next manager above who stays. */
function reassignReports({ users }: Company, leaving: readonly CompanyUser[]): CompanyUser[] {
  const gone = new Map(leaving.map((user) => [user.id, user]))
  const reassigned = [...users.values()].filter(({ manager }) => manager !== null && gone.has(manager))
  for (const user of reassigned) {
    let { manager } = user
    for (let left = gone.get(manager ?? ''); left; left = gone.get(manager ?? '')) manager = left.manager
    user.manager = manager
  }
  return reassigned
}

function move(
  random: SeededRandom,
  request: {
    readonly company: Company
    readonly user: CompanyUser
    readonly departments: readonly CompanyGroup[]
  },
): void {
  const { company, user, departments } = request
  const target = random.pick(departments.filter(({ id }) => id !== user.departmentId))
  leaveGroup(company.groups.get(user.departmentId), user)
  user.groups = user.groups.filter((id) => id !== user.departmentId)
  Object.assign(user, placeIn(target))
  joinGroups(user, [target])
}

function join(random: SeededRandom, company: Company, departments: readonly CompanyGroup[]): CompanyUser {
  const department = random.pick(departments)
  const heads = new Map(
    departments.flatMap(({ id, members: [first] }) => (first === undefined ? [] : [[id, first] as const])),
  )
  const manager = managerIn(department, { departments, heads })
  const user = hire(random, { number: company.nextNumber, department, manager, mails: company.mails })
  company.nextNumber += 1
  company.users.set(user.id, user)
  joinGroups(user, pickGroups(random, user, [...company.groups.values()]))
  return user
}
