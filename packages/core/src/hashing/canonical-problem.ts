import type { QuarantineReason } from '../model/quarantine.ts'

type Step = string | number

const plainName = /^[A-Za-z_$][\w$]*$/
const maxNameLength = 60
const maxPathLength = 200

/** Why a value has no canonical JSON. Stays inside the library: hosts get a SyncError or a rejected record. */
export class CanonicalProblem extends Error {
  override readonly name = 'CanonicalProblem'
  readonly reason: QuarantineReason
  /** Where, for a person: `attributes.notes[2].text`. */
  readonly path: string
  /** What, completing a sentence that begins with the path; holds nothing of the value. */
  readonly fact: string

  constructor(problem: {
    readonly reason: QuarantineReason
    readonly path: string
    readonly fact: string
    readonly cause?: unknown
  }) {
    super(`${problem.path} ${problem.fact}`, { cause: problem.cause })
    this.reason = problem.reason
    this.path = problem.path
    this.fact = problem.fact
  }
}

/** Steps from a root as text: at most 200 characters, of which the end tells most, and always storable. */
export function formatPath(root: string, steps: readonly Step[]): string {
  const path = steps.map(formatStep).join('')
  const room = maxPathLength - root.length
  return path.length <= room ? root + path : `${root}…${path.slice(1 - room).toWellFormed()}`
}

function formatStep(step: Step): string {
  if (typeof step === 'number') return `[${step}]`
  if (step.length <= maxNameLength && plainName.test(step)) return `.${step}`
  const shown = step.length <= maxNameLength ? step : `${step.slice(0, maxNameLength)}…`
  // Escapes U+0000 and half surrogate pairs.
  return `[${JSON.stringify(shown)}]`
}
