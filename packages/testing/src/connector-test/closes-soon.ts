import { setTimeout as delay } from 'node:timers/promises'
import type { LoggedRequest } from './upstream-log.ts'

/** Real time, spent only by a connector that holds on. */
const patienceMs = 3_000

/** Whether the client gave all these requests up. */
export async function closesSoon(requests: readonly LoggedRequest[]): Promise<boolean> {
  const giveUp = new AbortController()
  const late = delay(patienceMs, false, { signal: giveUp.signal }).catch(() => false)
  const cut = Promise.all(requests.map((request) => request.cut)).then((cuts) => cuts.every(Boolean))
  const closed = await Promise.race([cut, late])
  giveUp.abort()
  return closed
}
