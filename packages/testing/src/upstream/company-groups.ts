import type { CompanyGroup } from './company-entries.ts'
import { divisions, locations, projectWords, units } from './company-words.ts'
import type { SeededRandom } from './seeded-random.ts'

const maxDepth = 5

/** Invents exactly `count` groups without members: a tree of departments, locations and projects. */
export function inventGroups(random: SeededRandom, count: number): CompanyGroup[] {
  const locationCount = Math.min(locations.length, Math.floor(count / 10))
  const projectCount = Math.floor(count * 0.35)
  const groups = inventDepartments(random, count - locationCount - projectCount)
  for (const location of locations.slice(0, locationCount)) {
    groups.push(group(groups.length, { groupType: 'location', name: `Everyone in ${location}` }))
  }
  for (let index = 0; index < projectCount; index++) {
    const name = `Project ${random.pick(projectWords)} ${index + 1}`
    groups.push(group(groups.length, { groupType: 'project', name }))
  }
  return groups
}

function inventDepartments(random: SeededRandom, count: number): CompanyGroup[] {
  const departments = [department(0, { name: 'Meridian Example Company', parent: null })]
  const depths = [0]
  while (departments.length < count) {
    const index = departments.length
    const division = divisions[index - 1]
    const parentIndex = division === undefined ? pickParent(random, depths) : 0
    const parent = departments[parentIndex]
    const unit = random.pick(units)
    const name = division ?? (parentIndex === 0 ? `Office of ${unit}` : `${parent?.name} ${unit}`)
    departments.push(department(index, { name, parent: parent?.id ?? null }))
    depths.push((depths[parentIndex] ?? 0) + 1)
  }
  return departments
}

function pickParent(random: SeededRandom, depths: readonly number[]): number {
  const index = random.below(depths.length)
  return (depths[index] ?? 0) < maxDepth ? index : 0
}

const department = (index: number, what: Pick<CompanyGroup, 'name' | 'parent'>): CompanyGroup => ({
  ...group(index, { groupType: 'department', name: what.name }),
  parent: what.parent,
  costCenter: `CC-${String(1_000 + index).padStart(5, '0')}`,
})

const group = (index: number, what: Pick<CompanyGroup, 'name' | 'groupType'>): CompanyGroup => ({
  id: `grp_${String(index + 1).padStart(5, '0')}`,
  ...what,
  description: `${what.name} (${what.groupType})`,
  parent: null,
  costCenter: null,
  members: [],
})
