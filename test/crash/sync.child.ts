import { Writable } from 'node:stream'
import { openPostgresStore } from '@syncline/adapter-postgres'
import { createSyncline } from '@syncline/core'
import pg from 'pg'
import { pageConnector } from './page-connector.ts'

/**
 * Runs one sync and dies at a given statement: `before` it is sent or `after` its answer came. Without a cut it
 * tells how many statements the sync sends, so that the parent can try every one of them.
 */
const [connectionString = '', connectorId = '', cutAt = '0', moment = '', lookAhead = '1'] =
  process.argv.slice(2)

const store = await openPostgresStore({ connectionString, maxConnections: 1 })
const syncline = createSyncline({
  store,
  connectorTypes: [pageConnector],
  limits: { lookAhead: lookAhead === '0' ? 0 : 1, sweepBatch: 15 },
})

const statements: string[] = []
const die = (): never => {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('still alive')
}
// oxlint-disable-next-line unbound-method -- called with the client it is called on
const send = pg.Client.prototype.query
// The driver's own entrance: whatever the adapter does, it passes here.
pg.Client.prototype.query = function query(this: pg.Client, ...args: unknown[]) {
  const [first] = args
  const text = typeof first === 'string' ? first : ((first as { text?: string }).text ?? 'copy')
  statements.push(text.slice(0, 60))
  const isCut = statements.length === Number(cutAt)
  if (isCut && moment === 'before') die()
  const answer = Reflect.apply(send, this, args) as unknown
  if (isCut && moment === 'after') {
    if (answer instanceof Promise) return answer.then(die)
    // A COPY is a stream, and one that meets a key twice is refused.
    if (answer instanceof Writable) answer.once('finish', die).once('error', die)
  }
  return answer
} as typeof send

const run = await syncline.sync({ connectorId, resourceType: 'user' })
process.send?.({ status: run.status, statements })
await store.close()
