import type { JsonValue, Match, PlannedState, PostSyncPlan, PostSyncRun, PostSyncStats } from '@syncline/core'
import { count, counted } from './number-format.ts'
import { printable } from './printable.ts'
import { type TableOptions, table } from './table.ts'
import type { Terminal } from './terminal.ts'

const columns = [
  ['matched', 'matched'],
  ['unmatched', 'unmatched'],
  ['ambiguous', 'ambiguous'],
  ['by hand', 'resolved'],
  ['created', 'created'],
  ['not created', 'createFailed'],
  ['deactivated', 'deactivated'],
  ['reactivated', 'reactivated'],
  ['profiles', 'profilesUpdated'],
] as const satisfies readonly (readonly [string, keyof PostSyncStats])[]

const colours = { success: 'green', guarded: 'yellow', error: 'red', running: 'cyan' } as const

/** Renders post-syncs with the counters that are not zero. */
export function postSyncTable(terminal: Terminal, runs: readonly PostSyncRun[]): string {
  const head = ['connector', 'type', 'status', 'people']
  const rows = runs.map(({ connectorId, resourceType, status, stats }) => [
    connectorId,
    resourceType,
    terminal.style(colours[status], status),
    columns
      .flatMap(([title, name]) => (stats[name] === 0 ? [] : [`${count(stats[name])} ${title}`]))
      .join(', ') || 'none',
  ])
  return table(head, rows, terminal)
}

/** What an operator can do about a post-sync that did not simply succeed. */
export function postSyncAdvice({ connectorId, resourceType, status, error }: PostSyncRun): readonly string[] {
  const lines = error ? [`${resourceType}  ${error.code}: ${printable(error.message)}`] : []
  if (status !== 'guarded') return lines
  return [
    ...lines,
    `  look who it is:            syncline plan ${connectorId} ${resourceType} --out plan.json`,
    '  deactivate exactly these:  syncline apply plan.json --approved-by YOUR_NAME',
  ]
}

/** Renders match rows with what an operator needs to decide; users to choose from are one below the other. */
export const matchTable = (rows: readonly Match[], options: TableOptions = {}): string =>
  table(
    ['external id', 'person', 'status', 'user, match'],
    rows.map((row) => [
      printable(row.externalId),
      [row.externalDisplayName, row.externalEmail ?? '–'].map(printable).join('\n'),
      [row.matchStatus, howOf(row)].join('\n'),
      [...usersOf(row).map(printable), row.matchId].join('\n'),
    ]),
    options,
  )

const usersOf = ({ userId, candidateUserIds }: Match): readonly string[] =>
  candidateUserIds?.map((candidate) => candidate.userId) ?? [userId ?? '–']

function howOf({ matchStatus, matchConfidence, matchStrategy, resolvedBy, problem }: Match): string {
  if (resolvedBy !== undefined) return `by ${printable(resolvedBy)}`
  if (problem) return problem.code
  if (matchStatus === 'matched')
    return matchStrategy === undefined ? 'made for it' : `${matchConfidence} by ${matchStrategy}`
  return matchStrategy === undefined ? '–' : `by ${matchStrategy}`
}

/** A line of a plan: what, external id, e-mail, change, users. */
type PlanLine = readonly [string, string, string | undefined, string, readonly string[]]

/** Everything a plan would do, one line each; '' for nothing. */
export function planTable(plan: PostSyncPlan, options: TableOptions = {}): string {
  const lines: readonly PlanLine[] = [
    ...linked(plan).map(({ externalId, externalEmail, from, to }): PlanLine => {
      const users = to.candidateUserIds ?? [to.userId ?? '–']
      return ['match', externalId, externalEmail, changeOf(from, to), users]
    }),
    ...plan.creates.map(
      ({ externalId, email, displayName }): PlanLine => ['create', externalId, email, displayName, ['–']],
    ),
    ...statusChanges('deactivate', plan.deactivations),
    ...statusChanges('reactivate', plan.reactivations),
    ...plan.profiles.flatMap(({ externalId, userId, changes }) =>
      changes.map(({ field, from, to }): PlanLine => {
        const change = `${field}: ${short(from)} → ${short(to)}`
        return ['profile', externalId, undefined, change, [userId]]
      }),
    ),
  ]
  if (lines.length === 0) return ''
  return table(
    ['what', 'external id', 'e-mail', 'change', 'user'],
    lines.map(([what, externalId, email = '–', change, users]) => [
      ...[what, externalId, email, change].map(printable),
      users.map(printable).join('\n'),
    ]),
    options,
  )
}

function changeOf(from: PlannedState | undefined, to: PlannedState): string {
  const [before, after] = [from ? stateOf(from) : 'new', stateOf(to)]
  return before === after ? `${after}, on other evidence` : `${before} → ${after}`
}

const stateOf = ({ matchStatus, matchConfidence, matchStrategy, problem }: PlannedState): string =>
  [
    matchStatus,
    matchStatus === 'matched' && matchStrategy !== undefined && matchConfidence,
    matchStrategy !== undefined && `by ${matchStrategy}`,
    problem,
  ]
    .filter(Boolean)
    .join(' ')

/** Rows that wait for a user are said by the user that is made. */
const linked = ({ matches }: PostSyncPlan): PostSyncPlan['matches'] =>
  matches.filter(({ to }) => to.matchStatus !== 'create_pending')

const statusChanges = (what: string, changes: PostSyncPlan['deactivations']): readonly PlanLine[] =>
  changes.map(({ externalId, email, reason, userId }) => [what, externalId, email, reason, [userId]])

const mostShown = 40

/** A value of a profile as JSON, cut where it is long. */
function short(value: JsonValue | undefined): string {
  if (value === undefined) return '–'
  const letters = Array.from(JSON.stringify(value))
  return letters.length > mostShown ? `${letters.slice(0, mostShown - 1).join('')}…` : letters.join('')
}

/** What a plan comes to, in one line. */
export function planSummary(plan: PostSyncPlan): string {
  const { creates, deactivations, reactivations, profiles, guard } = plan
  const parts = [
    ...some(linked(plan).length, 'match', 'matches'),
    ...some(creates.length, 'creation'),
    ...some(deactivations.length, 'deactivation'),
    ...some(reactivations.length, 'reactivation'),
    ...some(profiles.length, 'profile'),
  ]
  if (parts.length === 0) return 'nothing to do'
  const counts = parts.join(' · ')
  return guard.tripped
    ? `${counts}; at most ${count(guard.limit)} may be deactivated unasked: apply needs --approved-by`
    : counts
}

const some = (number: number, one: string, many = `${one}s`): readonly string[] =>
  number === 0 ? [] : [counted(number, one, many)]
