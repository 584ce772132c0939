import { type ConnectorContext, type ConnectorType, defineConnector, SyncError } from '@syncline/core'
import { z } from 'zod'
import { invalid, requestVendor, type VendorRequest } from './vendor-request.ts'

const configSchema = z.object({ host: z.url() })
type Config = z.output<typeof configSchema>

const pageSchema = (id: z.ZodType<number>) =>
  z.union([
    z.object({ slowDownSeconds: z.number() }),
    z.object({
      total: z.number().int(),
      members: z.array(
        z.object({ id, label: z.string(), contact: z.object({ mail: z.string() }).nullish() }),
      ),
    }),
  ])

export interface OffsetFlaws {
  readonly change?: (request: VendorRequest) => VendorRequest
  readonly id?: z.ZodType<number>
}

/** An offset and a total in the body, an API key in a header, numbers as ids, and a throttle that answers 200. */
export function offsetConnector({ change = (same) => same, id = z.int() }: OffsetFlaws = {}): ConnectorType {
  const schema = pageSchema(id)
  const ask = async (url: URL, { clock, credential }: ConnectorContext<Config>, signal?: AbortSignal) => {
    const headers = { 'x-api-key': (await credential?.get())?.values.key ?? '' }
    const { json } = await requestVendor(change({ url, headers, signal, clock }))
    const page = schema.safeParse(json)
    if (!page.success) throw invalid(url, 'another shape')
    if (!('slowDownSeconds' in page.data)) return page.data
    const retryAfterMs = page.data.slowDownSeconds * 1_000
    throw new SyncError('RATE_LIMITED', 'the vendor asks to slow down', { retryAfterMs })
  }
  return defineConnector<Config>({
    type: 'offset',
    displayName: 'Offsets',
    configSchema,
    resourceTypes: {
      group: {
        async list({ cursor, pageSize, signal }, context) {
          const offset = Number(cursor ?? 0)
          const url = new URL(`/v2/members?skip=${offset}&top=${pageSize}`, context.config.host)
          const { members, total } = await ask(url, context, signal)
          const next = offset + members.length
          return {
            success: true,
            payload: {
              resources: members.map(({ id: number, label, contact }) => ({
                externalId: String(number),
                displayName: label,
                email: contact?.mail,
                attributes: {},
              })),
              nextCursor: next < total && members.length > 0 ? String(next) : undefined,
              totalEstimate: total,
            },
          }
        },
      },
    },
    async check(context) {
      await ask(new URL('/v2/members?skip=0&top=1', context.config.host), context)
    },
  })
}
