import type { CompanyGroup, CompanyUser } from './company-entries.ts'
import {
  commonNames,
  contractingFirms,
  employers,
  locations,
  serviceWords,
  titles,
  unusualNames,
} from './company-words.ts'
import type { SeededRandom } from './seeded-random.ts'

/** Who is wanted. */
export interface Vacancy {
  /** Number of the user in the company, from 1: makes id and employee id. */
  readonly number: number
  readonly department: CompanyGroup
  readonly manager: string | null
  /** Addresses in use; the new one is added. */
  readonly mails: Set<string>
}

const missingMailShare = 0.02
const contractorShare = 0.08
const serviceShare = 0.01
const unusualNameShare = 0.15
const millisecondsPerDay = 86_400_000

/** Invents one user, not yet in any group. */
export function hire(random: SeededRandom, vacancy: Vacancy): CompanyUser {
  const { number, department, manager } = vacancy
  const person = random.chance(serviceShare) ? serviceAccount(random, number) : human(random)
  const mail = freeMail(person, vacancy.mails)
  return {
    id: `usr_${String(number).padStart(6, '0')}`,
    name: person.name,
    mail: random.chance(missingMailShare) ? null : mail,
    // Leading zeros are part of the id.
    employeeId: person.employeeType === 'service' ? null : String(number).padStart(7, '0'),
    employeeType: person.employeeType,
    title: person.employeeType === 'service' ? null : random.pick(titles),
    ...placeIn(department),
    location: random.pick(locations),
    manager,
    startDate: new Date(Date.UTC(2005, 0, 1) + random.below(7_300) * millisecondsPerDay)
      .toISOString()
      .slice(0, 10),
    identityIssuer: person.issuer,
    groups: [],
  }
}

/** The fields of a user that follow from the department. */
export const placeIn = (
  department: CompanyGroup,
): Pick<CompanyUser, 'department' | 'departmentId' | 'costCenter'> => ({
  department: department.name,
  departmentId: department.id,
  costCenter: department.costCenter ?? 'CC-00000',
})

interface Identity {
  readonly name: string
  readonly localPart: string
  readonly domain: string
  readonly issuer: string
  readonly employeeType: CompanyUser['employeeType']
}

function human(random: SeededRandom): Identity {
  const pool = random.chance(unusualNameShare) ? random.pick(unusualNames) : commonNames
  const [given, givenAscii] = random.pick(pool.given)
  const [family, familyAscii] = random.pick(pool.family)
  const contractor = random.chance(contractorShare)
  const { domain, issuer } = contractor ? random.pick(contractingFirms) : pickEmployer(random)
  return {
    name: pool.eastern ? `${family}${given}` : `${given} ${family}`,
    localPart: `${givenAscii}.${familyAscii}`,
    domain,
    issuer,
    employeeType: contractor ? 'contractor' : 'employee',
  }
}

function serviceAccount(random: SeededRandom, number: number): Identity {
  const name = `svc-${random.pick(serviceWords)}-${number}`
  const { domain, issuer } = employers[0]
  return { name, localPart: name, domain, issuer, employeeType: 'service' }
}

function pickEmployer(random: SeededRandom): { readonly domain: string; readonly issuer: string } {
  let left = random.next()
  return employers.find(({ share }) => (left -= share) < 0) ?? employers[0]
}

function freeMail({ localPart, domain }: Identity, mails: Set<string>): string {
  let mail = `${localPart}@${domain}`
  for (let suffix = 2; mails.has(mail); suffix++) mail = `${localPart}${suffix}@${domain}`
  mails.add(mail)
  return mail
}
