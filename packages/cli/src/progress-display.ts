import type { EventSink, SyncEvent } from '@syncline/core'
import { count, duration } from './number-format.ts'
import { printable } from './printable.ts'
import type { Terminal } from './terminal.ts'

type Progress = Extract<SyncEvent, { kind: 'run.progress' }>

const barWidth = 24

/** `user  ██████░░░░░░  50 %  10,000 of 20,000 · 20 pages · 10,526 records/s · 1.0 s left` */
export function progressLine(progress: Progress, options: { readonly bar: boolean }): string {
  const { resourceType, pages, records, totalEstimate, recordsPerSecond } = progress
  const facts = `${count(pages)} ${pages === 1 ? 'page' : 'pages'} · ${count(recordsPerSecond)} records/s`
  if (!totalEstimate) return `${resourceType}  ${count(records)} records · ${facts}`
  const share = Math.min(1, records / totalEstimate)
  const full = Math.round(share * barWidth)
  const bar = options.bar ? `${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ` : ''
  const leftMs = recordsPerSecond > 0 ? ((totalEstimate - records) / recordsPerSecond) * 1_000 : 0
  const left = leftMs > 0 ? ` · ${duration(leftMs)} left` : ''
  const percent = `${Math.floor(share * 100)} %`.padStart(5)
  return `${resourceType}  ${bar}${percent}  ${count(records)} of ${count(totalEstimate)} · ${facts}${left}`
}

/** A line is enough for every quarter of a listing, or for so many pages where its size is not known. */
const quarters = 4
const pagesPerLine = 100

/** A bar where somebody watches; elsewhere plain lines, few of them. */
export function showProgress(terminal: Terminal): EventSink {
  let lastStep = 0
  return (event) => {
    switch (event.kind) {
      case 'run.started':
        lastStep = 0
        if (event.resumedFrom)
          terminal.remark(`${event.resourceType}  goes on where run ${event.resumedFrom} stopped`)
        return
      case 'run.progress': {
        if (terminal.isWatched) {
          terminal.live(progressLine(event, { bar: true }))
          return
        }
        const { records, totalEstimate, pages } = event
        const step = totalEstimate
          ? Math.floor((records / totalEstimate) * quarters)
          : Math.floor(pages / pagesPerLine)
        if (step > lastStep) terminal.remark(progressLine(event, { bar: false }))
        lastStep = step
        return
      }
      case 'run.retrying':
        terminal.remark(
          `${event.resourceType}  ${printable(event.error.message)}; trying again in ${duration(event.waitMs)}`,
        )
        return
      case 'run.guarded':
      case 'webhook.received':
      case 'webhook.refused':
      case 'webhook.secret_changed':
      case 'post_sync.started':
      case 'post_sync.finished':
      case 'post_sync.guarded':
      case 'post_sync.failed':
      case 'post_sync.changes_lost':
      case 'match.link_lost':
        // The table of post-syncs shows how they ended.
        return
      case 'sync.failing':
        terminal.remark(
          `${event.resourceType}  fails again and again; somebody should look: ${printable(event.error.message)}`,
        )
        return
      case 'credential.reauth_required':
        terminal.remark(`credential ${printable(event.ref)}  no longer works; save new values`)
        return
      case 'run.finished':
        terminal.settle()
    }
  }
}
