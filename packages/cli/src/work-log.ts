import type { RunError, SyncEvent } from '@syncline/core'
import { count } from './number-format.ts'
import { printable } from './printable.ts'

/** An event as a line of a log; undefined for those that nobody reads afterwards. */
export function workLine(event: SyncEvent): string | undefined {
  const text = tell(event)
  return text === undefined ? undefined : `${event.at.toISOString()}  ${text}`
}

function tell(event: SyncEvent): string | undefined {
  if (event.kind === 'credential.reauth_required')
    return `credential ${printable(event.ref)}  no longer works; save new values`
  if (event.kind === 'webhook.refused')
    return `${printable(event.connectorId)}  webhook refused, ${event.code}: ${printable(event.reason)}`
  if (event.kind === 'webhook.received' || event.kind === 'webhook.secret_changed') return undefined
  if (event.kind === 'connector.moved')
    return `${event.connectorId}  moved from tenant ${printable(event.formerTenantId)} to ${printable(event.tenantId)}`
  const scope = `${event.connectorId} ${event.resourceType}`
  if (event.kind === 'run.started') {
    const how = event.resumedFrom ? `goes on where run ${event.resumedFrom} stopped` : `began (${event.mode})`
    return `${scope}  ${how}  ${event.runId}`
  }
  if (event.kind === 'run.finished') {
    const { added, updated, unchanged, staled } = event.stats
    const counters = `${count(added)} added, ${count(updated)} updated, ${count(unchanged)} unchanged, ${count(staled)} staled`
    return `${scope}  ${event.status}: ${counters}${event.error ? `  ${problem(event.error)}` : ''}  ${event.runId}`
  }
  if (event.kind !== 'sync.failing') return undefined
  const times = event.failures > 0 ? `failed ${event.failures} times in a row` : 'was refused'
  return `${scope}  ${times}; somebody should look: ${problem(event.error)}`
}

const problem = ({ code, message }: RunError): string => `${code}: ${printable(message)}`
