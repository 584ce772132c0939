import { createHmac, randomUUID } from 'node:crypto'
import autocannon, { type Request, type Result } from 'autocannon'
import { z } from 'zod'
import type { OpenWork } from '../processes/work.ts'
import { directoryRecord, externalIdOf } from '../upstream/directory-record.ts'
import { people } from '../upstream/prepared-connector.ts'
import { searches } from './syncline-reads.ts'

const kinds = ['list', 'search', 'webhook', 'plugin', 'bare', 'looked-up'] as const

const inputSchema = z.object({
  address: z.string(),
  secret: z.string(),
  /** Resources there are. */
  records: z.number(),
  kind: z.enum(kinds),
  connections: z.number(),
  requests: z.number(),
  warmUpRequests: z.number(),
  /** Requests a second; absent: as fast as they are answered. */
  rate: z.number().optional(),
})

export type LoadInput = z.input<typeof inputSchema>

/** Milliseconds of every answer, and how many answers were no success. */
export const loadFacts = z.object({ ms: z.array(z.number()), failed: z.number() })

/** A client in a process of its own: as many connections as it is told, each sending when it was answered. */
export const open: OpenWork = async (input) => {
  const load = inputSchema.parse(input)
  const facts: { ms: number[]; failed: number } = { ms: [], failed: 0 }
  return {
    async warmUp() {
      await send(load, load.warmUpRequests, () => {})
    },
    run: () =>
      send(load, load.requests, (status, ms) => {
        facts.ms.push(ms)
        if (status !== 200) facts.failed += 1
      }),
    facts: async () => facts,
    async close() {},
  }
}

async function send(
  load: z.output<typeof inputSchema>,
  amount: number,
  answered: (status: number, ms: number) => void,
): Promise<void> {
  const options = {
    url: load.address,
    connections: load.connections,
    amount,
    ...(load.rate !== undefined && { overallRate: load.rate }),
    requests: requestsOf(load),
  }
  const { errors, timeouts } = await new Promise<Result>((resolve, reject) => {
    const running = autocannon(options, (error, result) => (error ? reject(error) : resolve(result)))
    // oxlint-disable-next-line max-params -- how autocannon calls back
    running.on('response', (_client, status, _bytes, ms) => answered(status, ms))
  })
  if (errors + timeouts > 0) throw new Error(`${errors} requests broke off, ${timeouts} were not answered`)
}

function requestsOf({ kind, records, secret }: z.output<typeof inputSchema>): Request[] {
  const resources = `/api/connectors/${people.connectorId}/resources?type=${people.resourceType}`
  const pages = Math.max(1, Math.floor(records / 20))
  switch (kind) {
    case 'list':
      return [
        { path: resources },
        { path: `${resources}&stale=false&pageSize=100` },
        { path: `${resources}&page=${Math.ceil(pages / 10)}` },
        { path: `/api/connectors/${people.connectorId}/resources?stale=true` },
      ]
    case 'search':
      return Object.values(searches).map((term) => ({
        path: `${resources}&search=${encodeURIComponent(term)}`,
      }))
    case 'webhook':
      return [{ method: 'POST', setupRequest: signedEvent(records, secret) }]
    case 'plugin':
      return [{ path: `${resources}&page=1&pageSize=20` }]
    case 'bare':
    case 'looked-up':
      return [{ path: `/${kind}/resources` }]
  }
}

/** Every event is about another resource and changes it; signed as Standard Webhooks wants it. */
function signedEvent(records: number, secret: string): (request: Request) => Request {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  let sent = 0
  return (request) => {
    const number = (sent * 997) % records
    sent += 1
    const { displayName, email, attributes } = directoryRecord(number, sent)
    const body = JSON.stringify({
      action: 'updated',
      resourceType: people.resourceType,
      resourceId: externalIdOf(number),
      data: { displayName, email, attributes },
    })
    const id = randomUUID()
    const timestamp = String(Math.floor(Date.now() / 1_000))
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
    return {
      ...request,
      path: `/api/webhooks/${people.connectorId}`,
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`,
      },
      body,
    }
  }
}
