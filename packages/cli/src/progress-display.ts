import type { EventSink, SyncEvent } from '@syncline/core'
import { count, duration } from './number-format.ts'
import type { Terminal } from './terminal.ts'

type Progress = Extract<SyncEvent, { kind: 'run.progress' }>

const barWidth = 24

/** `users [████████░░░░] 42 %` … as one line, without the estimate where upstream gives none. */
export function progressLine({
  resourceType,
  pages,
  records,
  totalEstimate,
  recordsPerSecond,
}: Progress): string {
  const facts = `${count(pages)} pages · ${count(recordsPerSecond)} records/s`
  if (!totalEstimate) return `${resourceType}  ${count(records)} records · ${facts}`
  const share = Math.min(1, records / totalEstimate)
  const full = Math.round(share * barWidth)
  const bar = '█'.repeat(full) + '░'.repeat(barWidth - full)
  const leftMs = recordsPerSecond > 0 ? ((totalEstimate - records) / recordsPerSecond) * 1_000 : 0
  const left = leftMs > 0 ? ` · ${duration(leftMs)} left` : ''
  const percent = `${Math.floor(share * 100)} %`.padStart(5)
  return `${resourceType}  ${bar} ${percent}  ${count(records)} of ${count(totalEstimate)} · ${facts}${left}`
}

/** A bar where somebody watches; elsewhere a line for every tenth of the way. */
export function showProgress(terminal: Terminal): EventSink {
  let lastTenth = -1
  return (event) => {
    switch (event.kind) {
      case 'run.started':
        lastTenth = -1
        if (event.resumedFrom)
          terminal.remark(`${event.resourceType}  goes on where run ${event.resumedFrom} stopped`)
        return
      case 'run.progress': {
        if (terminal.isWatched) {
          terminal.live(progressLine(event))
          return
        }
        const { records, totalEstimate } = event
        const tenth = totalEstimate
          ? Math.floor((records / totalEstimate) * 10)
          : Math.floor(event.pages / 100)
        if (tenth > lastTenth) terminal.remark(progressLine(event))
        lastTenth = tenth
        return
      }
      case 'run.retrying':
        terminal.remark(
          `${event.resourceType}  ${event.error.message}; trying again in ${duration(event.waitMs)}`,
        )
        return
      case 'run.guarded':
        return
      case 'run.finished':
        terminal.settle()
    }
  }
}
