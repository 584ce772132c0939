import { SyncError } from '@syncline/core'
import type { CompanyGroup, CompanyUser } from './company-entries.ts'
import { inventGroups } from './company-groups.ts'
import { createDirectory, type Directory } from './directory.ts'
import { hire } from './hire.ts'
import { type SeededRandom, seededRandom } from './seeded-random.ts'

export interface CompanyOptions {
  /** Users, service and admin accounts included. @default 20_000 */
  readonly people?: number | undefined
  /** Departments, locations and projects; at least 1. @default 400 */
  readonly groups?: number | undefined
  /** The same seed and sizes give the same company. */
  readonly seed: number
  /** Clock of the directory. @default the system's */
  readonly now?: (() => Date) | undefined
}

/** Second accounts of the person before, with the same address at another issuer: what makes matches ambiguous. */
const adminAccountShare = 0.005
const projectChances = [0.5, 0.25, 0.1]

/**
 * An invented company: nested departments, managers, contractors, service accounts, several domains and identity
 * issuers, names in many scripts, about 2 % of users without an address. Memberships stand on both sides and
 * agree: ids of groups at `user.groups`, ids of users at `group.members`.
 * @throws OPTIONS_INVALID
 */
export function companyDirectory(options: CompanyOptions): Directory {
  const { people = 20_000, groups: groupCount = 400, seed, now } = options
  if (!Number.isInteger(groupCount) || groupCount < 1 || !Number.isInteger(people) || people < 0) {
    throw new SyncError('OPTIONS_INVALID', 'A company needs at least one group, and people in whole numbers')
  }
  const random = seededRandom(seed)
  const groups = inventGroups(random, groupCount)
  const users = staff(random, groups, people)
  const directory = createDirectory({ now })
  for (const group of groups) directory.put('group', group)
  for (const user of users) directory.put('user', user)
  return directory
}

function staff(random: SeededRandom, groups: readonly CompanyGroup[], people: number): CompanyUser[] {
  const departments = groups.filter(({ groupType }) => groupType === 'department')
  const heads = new Map<string, string>()
  const mails = new Set<string>()
  const users: CompanyUser[] = []
  for (let number = 1; number <= people; number++) {
    // The first of each department are hired in the order of the tree, so that every head finds one above.
    const department = departments[number - 1] ?? random.pick(departments)
    const before = users.at(-1)
    const user =
      before?.employeeType === 'employee' && before.mail && random.chance(adminAccountShare)
        ? adminAccount(before, number)
        : hire(random, { number, department, manager: managerIn(department, { departments, heads }), mails })
    if (!heads.has(user.departmentId)) heads.set(user.departmentId, user.id)
    users.push(user)
    joinGroups(user, pickGroups(random, user, groups))
  }
  return users
}

function adminAccount(person: CompanyUser, number: number): CompanyUser {
  return {
    ...person,
    id: `usr_${String(number).padStart(6, '0')}`,
    employeeType: 'admin',
    manager: person.id,
    identityIssuer: 'https://privileged.meridian.example',
    groups: [],
  }
}

/** The head of a department, or of the nearest one above that has one. */
export function managerIn(
  department: CompanyGroup,
  known: { readonly departments: readonly CompanyGroup[]; readonly heads: ReadonlyMap<string, string> },
): string | null {
  for (let at: CompanyGroup | undefined = department; at; ) {
    const head = known.heads.get(at.id)
    if (head !== undefined) return head
    const { parent }: CompanyGroup = at
    at = known.departments.find(({ id }) => id === parent)
  }
  return null
}

/** The groups a new user belongs to: department, location where there is a group for it, up to three projects. */
export function pickGroups(
  random: SeededRandom,
  user: CompanyUser,
  groups: readonly CompanyGroup[],
): CompanyGroup[] {
  const projects = groups.filter(({ groupType }) => groupType === 'project')
  const picked = groups.filter(
    ({ id, groupType, name }) =>
      id === user.departmentId || (groupType === 'location' && name === `Everyone in ${user.location}`),
  )
  for (const chance of projectChances) {
    if (projects.length > 0 && random.chance(chance)) picked.push(random.pick(projects))
  }
  return [...new Set(picked)]
}

/** Writes a membership on both sides. */
export function joinGroups(user: CompanyUser, groups: readonly CompanyGroup[]): void {
  for (const group of groups) {
    user.groups.push(group.id)
    group.members.push(user.id)
  }
}
