import type { EventSink, Scope, SyncEvent } from '@syncline/core'
import { count, counted, duration } from './number-format.ts'
import { printable } from './printable.ts'
import type { Terminal } from './terminal.ts'

type Progress = Extract<SyncEvent, { kind: 'run.progress' }>

const barWidth = 12

export interface ProgressLineOptions {
  readonly bar: boolean
  /** Columns of the terminal: what matters least is left out until the line fits. @default no limit */
  readonly width?: number | undefined
}

/** `acme user  ██████░░░░░░  50 %  10,000 of 20,000 · 10,526 records/s · 1.0 s left · 20 pages` */
export function progressLine(progress: Progress, { bar, width = Infinity }: ProgressLineOptions): string {
  const { connectorId, resourceType, pages, records, totalEstimate, recordsPerSecond } = progress
  const what = `${printable(connectorId)} ${resourceType}`
  const pace = [`${count(recordsPerSecond)} records/s`]
  if (!totalEstimate)
    return fitting(what, [counted(records, 'record'), ...pace, counted(pages, 'page')], width)
  const share = Math.min(1, records / totalEstimate)
  const full = Math.round(share * barWidth)
  const percent = `${Math.floor(share * 100)} %`.padStart(5)
  const leftMs = recordsPerSecond > 0 ? ((totalEstimate - records) / recordsPerSecond) * 1_000 : 0
  if (leftMs > 0) pace.push(`${duration(leftMs)} left`)
  const drawn = bar ? `${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ` : ''
  const facts = [`${count(records)} of ${count(totalEstimate)}`, ...pace, counted(pages, 'page')]
  return fitting(`${what}  ${drawn}${percent}`, facts, width)
}

/** As many of the facts, from the first on, as fit into a line. */
function fitting(what: string, facts: readonly string[], width: number): string {
  for (let shown = facts.length; shown > 0; shown -= 1) {
    const line = `${what}  ${facts.slice(0, shown).join(' · ')}`
    if (line.length < width) return line
  }
  return what.slice(0, Math.max(1, width - 1))
}

/** Lines where nobody watches: one for every quarter of a listing, or for so many pages where its size is unknown. */
const quarters = 4
const pagesPerLine = 100

/** Shows progress: a bar in a terminal, and a few plain lines elsewhere. */
export function showProgress(terminal: Terminal): EventSink {
  let lastStep = 0
  const showPages = (progress: Progress): void => {
    if (terminal.isWatched) {
      terminal.live(progressLine(progress, { bar: true, width: terminal.width }))
      return
    }
    const step = stepOf(progress)
    if (step > lastStep) terminal.remark(progressLine(progress, { bar: false }))
    lastStep = step
  }
  return (event) => {
    if (event.kind === 'run.started') lastStep = 0
    if (event.kind === 'run.progress') showPages(event)
    if (event.kind === 'run.finished') terminal.settle()
    const line = remarkOf(event)
    if (line !== undefined) terminal.remark(line)
  }
}

const stepOf = ({ records, totalEstimate, pages }: Progress): number =>
  totalEstimate ? Math.floor((records / totalEstimate) * quarters) : Math.floor(pages / pagesPerLine)

/** What a user should read of an event; undefined for the others. */
function remarkOf(event: SyncEvent): string | undefined {
  if (event.kind === 'run.started' && event.resumedFrom)
    return `${nameOf(event)}  continues where run ${event.resumedFrom} stopped`
  if (event.kind === 'run.retrying')
    return `${nameOf(event)}  ${printable(event.error.message)}; trying again in ${duration(event.waitMs)}`
  if (event.kind === 'sync.failing')
    return `${nameOf(event)}  fails again and again and needs attention: ${printable(event.error.message)}`
  if (event.kind === 'credential.reauth_required')
    return `credential ${printable(event.ref)}  no longer works; save new values`
  return undefined
}

const nameOf = ({ connectorId, resourceType }: Scope): string => `${printable(connectorId)} ${resourceType}`
