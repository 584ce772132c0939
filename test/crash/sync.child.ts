import { writeSync } from 'node:fs'
import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline, isSyncError } from '@syncline/core'
import { pageConnector } from './page-connector.ts'
import { watchStatements } from './watch-statements.ts'

/**
 * Runs one sync and sends itself a signal at a given statement: `before` it is sent or `after` its answer came. At its
 * end, which a process that was stopped may reach, it tells how it went and which statements it sent, so that the
 * parent can try every one of them.
 */
interface Given {
  readonly url: string
  readonly connectorId: string
  readonly lookAhead: 0 | 1
  readonly leaseMs?: number
  readonly statement?: number
  readonly moment?: 'before' | 'after'
  readonly signal?: 'SIGKILL' | 'SIGSTOP'
}
const { url, connectorId, lookAhead, leaseMs, ...cut }: Given = JSON.parse(process.argv[2] ?? '{}')

const store = await openPostgresStore({
  connectionString: url,
  maxConnections: 1,
  // What a stopped process holds is taken from it before its lease ends.
  ...(leaseMs && { idleInTransactionTimeoutMs: Math.ceil(leaseMs / 2) }),
})
const syncline = createSyncline({
  store,
  connectorTypes: [pageConnector],
  limits: { lookAhead, sweepBatch: 15, leaseMs },
})

const statements: string[] = []
watchStatements({
  sending(text) {
    statements.push(text.slice(0, 60))
    const isCut = statements.length === cut.statement
    if (isCut && cut.moment === 'before') strike()
    return isCut && cut.moment === 'after' ? strike : undefined
  },
})
function strike(): void {
  writeSync(1, 'now')
  process.kill(process.pid, cut.signal ?? 'SIGKILL')
}

const outcome = await syncline.sync({ connectorId, resourceType: 'user' }).then(
  ({ status, error }) => error?.code ?? status,
  (error: unknown) => (isSyncError(error) ? error.code : String(error)),
)
process.send?.({ outcome, statements })
await store.close()
process.disconnect()
